# Every command of Perl's Cache::Memcached or Cache::Memcached::Fast. Arguments: port, module. What it prints is compared in
# clients.test.ts.

use strict;
use warnings;

my ($port, $module) = @ARGV;
eval "require $module; 1" or die $@;
my $client = $module->new({ servers => ["127.0.0.1:$port"] });
my $is_fast = $module =~ /Fast/;
my $odd = join('', map { chr } 0 .. 255) . "\r\nEND\r\nVALUE a 0 1\r\n";
my $large = 'x' x 1_000_000;
my @results;

sub truth { $_[0] ? 'true' : 'false' }
sub text { defined $_[0] ? "\"$_[0]\"" : 'null' }
sub record { my $name = shift; push @results, "\"$name\":" . (@_ == 1 ? $_[0] : '[' . join(',', @_) . ']') }

record('set', truth($client->set('a', '1')), text($client->get('a')), text($client->get('missing')));
record('add', truth($client->add('a', '2')), truth($client->add('b', '2')));
record('replace', truth($client->replace('a', '3')), truth($client->replace('missing', '3')));
record('join', truth($client->append('a', '4')), truth($client->append('missing', '4')), truth($client->prepend('a', '2')),
    text($client->get('a')));
$client->set('n', 10);
record('incr', map { $_ + 0 } $client->incr('n'), $client->incr('n', 5), $client->decr('n', 100));
record('delete', truth($client->delete('n')), truth($client->delete('n')));
$client->set('m1', '1');
$client->set('m2', '2');
my $found = $client->get_multi('m1', 'm2', 'm3');
record('multi', '{' . join(',', map { "\"$_\":\"$found->{$_}\"" } sort keys %$found) . '}');
if ($is_fast) {
    my $token = $client->gets('b');
    record('cas', truth($client->cas('b', $token->[0], '5')), truth($client->cas('b', $token->[0], '6')), text($client->get('b')));
    record('touch', truth($client->touch('b', 100)), truth($client->touch('missing', 100)));
    record('gat', text($client->gat(100, 'b')), text($client->gat(100, 'missing')));
    my $stored = $client->set_multi(['s1', '1'], ['s2', '2', 100]);
    record('set_multi', truth($stored->{s1} && $stored->{s2}));
    $client->set('q', '1');
    $client->delete('q');
    $client->nowait_push;
    record('version', truth((values %{ $client->server_versions })[0]));
}
record('large', truth($client->set('large', $large) && $client->get('large') eq $large));
record('odd', truth($client->set('odd', $odd) && $client->get('odd') eq $odd));
$client->set('typed', [1, { two => 2 }]);
record('types', truth($client->get('typed')->[1]{two} == 2));
if (!$is_fast) {
    my $stats = $client->stats(['misc', 'malloc', 'sizes', 'self']);
    record('stats', truth($stats->{hosts}{"127.0.0.1:$port"}{misc}{curr_items} > 0));
}
record('flush', truth($client->flush_all), text($client->get('a')));
print '{' . join(',', @results) . '}';
