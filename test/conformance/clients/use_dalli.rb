# Every command of Dalli over binary, which is its default, or, where it has it, meta. Arguments: port, protocol. What it prints is
# compared in clients.test.ts.

require 'dalli'
require 'json'

port, protocol = ARGV
options = protocol == 'meta' ? { protocol: :meta } : {}
client = Dalli::Client.new("127.0.0.1:#{port}", options)
odd = (0..255).map(&:chr).join.b + "\r\nEND\r\nVA 1\r\nx\r\n".b
large = 'x' * 1_000_000
results = {}

results['set'] = [client.set('a', '1') ? true : false, client.get('a'), client.get('missing')]
results['add'] = [client.add('a', '2') ? true : false, client.add('b', '2') ? true : false]
results['replace'] = [client.replace('a', '3'), client.replace('missing', '3')].map { |token| token.to_i.positive? }
raw = { raw: true }
client.set('j', '3', nil, raw)
results['join'] = [client.append('j', '4') ? true : false, client.append('missing', '4') ? true : false,
                   client.prepend('j', '2') ? true : false, client.get('j', raw)]
results['incr'] = [client.incr('n', 1, nil, 11), client.incr('n', 5), client.decr('n', 100), client.incr('none', 1)]
results['delete'] = [client.delete('n'), client.delete('n')]
client.set('m1', '1')
client.set('m2', '2')
results['multi'] = client.get_multi('m1', 'm2', 'm3')
value, token = client.get_cas('b')
results['cas'] = [value, client.set_cas('b', '5', token) ? true : false, client.set_cas('b', '6', token) ? true : false, client.get('b')]
results['cas block'] = [client.cas('b') { |old| "#{old}!" } ? true : false, client.get('b'), client.cas('none') { 'x' }]
results['touch'] = [client.touch('b', 100) ? true : false, client.touch('missing', 100) ? true : false]
results['gat'] = [client.gat('b', 100), client.gat('missing', 100)]
results['fetch'] = [client.fetch('f', 60) { 'made' }, client.fetch('f', 60) { 'made again' }]
client.multi { 100.times { |number| client.set("q#{number}", number) } }
results['quiet'] = client.get('q99')
results['large'] = client.set('large', large) && client.get('large') == large
results['odd'] = client.set('odd', odd, nil, raw) && client.get('odd', raw) == odd
results['keys'] = ["a key with blanks", "\u00fcml\u00e4ut", 'k' * 300].map { |key| client.set(key, 'x') && client.get(key) }
results['types'] = [42, [1, { 'two' => 2 }], nil].map { |typed| client.set('t', typed) && client.get('t') }
results['stats'] = client.stats.values.first['curr_items'].to_i.positive?
results['stats items'] = !client.stats(:items).values.first.nil?
results['version'] = !client.version.values.first.nil?
results['flush'] = [client.flush.first ? true : false, client.get('a')]
puts JSON.generate(results)
