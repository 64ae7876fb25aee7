# Rails' cache store, Rack's sessions and rack-attack on Dalli. Arguments: port, protocol. What it prints is compared in clients.test.ts.

require 'dalli'
require 'active_support'
require 'active_support/cache'
require 'active_support/notifications'
require 'rack'
require 'rack/session/dalli'
require 'rack/attack'
require 'json'

port, protocol = ARGV
options = protocol == 'meta' ? { protocol: :meta } : {}
store = ActiveSupport::Cache.lookup_store(:mem_cache_store, "127.0.0.1:#{port}", **options)
results = {}

results['write'] = [store.write('a', { 'b' => 1 }) ? true : false, store.read('a'), store.exist?('a'), store.read('none')]
results['fetch'] = [store.fetch('f', expires_in: 60) { 'made' }, store.fetch('f') { 'again' }]
store.write_multi('m1' => 1, 'm2' => 2)
results['read_multi'] = store.read_multi('m1', 'm2', 'm3')
results['fetch_multi'] = store.fetch_multi('m1', 'm3') { |key| "#{key} made" }
store.write('n', 1, raw: true)
results['increment'] = [store.increment('n'), store.increment('n', 5), store.decrement('n', 2)]
results['unless_exist'] = store.write('a', 2, unless_exist: true) ? true : false
results['delete'] = [store.delete('a') ? true : false, store.read('a')]
results['long key'] = store.write('k' * 400, 'x') && store.read('k' * 400)

session = Rack::Session::Dalli.new(->(env) { env['rack.session']['n'] = env['rack.session']['n'].to_i + 1; [200, {}, ['ok']] },
                                   memcache_server: "127.0.0.1:#{port}", **options)
request = Rack::MockRequest.new(session)
cookie = request.get('/')['Set-Cookie'].split(';').first
seen = nil
reader = Rack::Session::Dalli.new(->(env) { seen = env['rack.session']['n']; [200, {}, ['ok']] },
                                  memcache_server: "127.0.0.1:#{port}", **options)
Rack::MockRequest.new(reader).get('/', 'HTTP_COOKIE' => cookie)
results['session'] = seen

Rack::Attack.cache.store = store
Rack::Attack.throttle('all', limit: 3, period: 60) { 'one' }
attack = Rack::MockRequest.new(Rack::Attack.new(->(_env) { [200, {}, ['ok']] }))
results['throttle'] = Array.new(5) { attack.get('/').status }
results['stats'] = store.stats.values.first['curr_items'].to_i.positive?
results['clear'] = [store.clear.first ? true : false, store.read('f')]
puts JSON.generate(results)
