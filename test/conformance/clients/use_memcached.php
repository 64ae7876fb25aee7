<?php
// Every command of PHP's memcached extension. Arguments: port, and "binary" for that protocol. What it prints is compared in
// clients.test.ts.

$isBinary = ($argv[2] ?? '') === 'binary';
$client = new Memcached();
$client->setOption(Memcached::OPT_BINARY_PROTOCOL, $isBinary);
$client->setOption(Memcached::OPT_COMPRESSION, false);
$client->addServer('127.0.0.1', (int) $argv[1]);
$odd = implode('', array_map('chr', range(0, 255))) . "\r\nEND\r\nVALUE a 0 1\r\n";
$large = str_repeat('x', 1000000);
$results = [];

$results['set'] = [$client->set('a', '1'), $client->get('a'), $client->get('missing') === false ? null : 'found'];
$results['add'] = [$client->add('a', '2'), $client->add('b', '2')];
$results['replace'] = [$client->replace('a', '3'), $client->replace('missing', '3')];
$results['join'] = [$client->append('a', '4'), (bool) $client->append('missing', '4'), $client->prepend('a', '2'), $client->get('a')];
$client->set('n', 10);
$results['incr'] = [$client->increment('n'), $client->increment('n', 5), $client->decrement('n', 100)];
$results['delete'] = [$client->delete('n'), $client->delete('n')];
$client->setMulti(['m1' => '1', 'm2' => '2'], 100);
$results['multi'] = $client->getMulti(['m1', 'm2', 'm3']);
$token = $client->get('b', null, Memcached::GET_EXTENDED)['cas'];
$results['cas'] = [$client->cas($token, 'b', '5'), $client->cas($token, 'b', '6'), $client->get('b')];
$results['touch'] = [$client->touch('b', 100), $client->touch('missing', 100)];
$results['large'] = $client->set('large', $large) && $client->get('large') === $large;
$results['too large'] = [$client->set('large', str_repeat('x', 2000000)), $client->get('b')];
$results['odd'] = $client->set('odd', $odd) && $client->get('odd') === $odd;
$results['types'] = [];
foreach ([42, 4.5, true, [1, 'two']] as $value) {
    $client->set('typed', $value);
    $results['types'][] = $client->get('typed');
}
$results['deleteMulti'] = $client->deleteMulti(['m1', 'm2', 'm3']) == ['m1' => true, 'm2' => true, 'm3' => Memcached::RES_NOTFOUND];
$client->getDelayed(['a', 'b'], true);
$results['delayed'] = array_column($client->fetchAll(), 'value', 'key');
$client->setOption(Memcached::OPT_NO_BLOCK, true);
$client->setOption(Memcached::OPT_BUFFER_WRITES, true);
foreach (range(1, 50) as $number) $client->set("buffered$number", "$number");
$results['buffered'] = $client->get('buffered50');
$client->setOption(Memcached::OPT_BUFFER_WRITES, false);
$stats = current($client->getStats());
$results['stats'] = $stats['curr_items'] > 0 && $stats['pid'] > 0;
$results['version'] = count($client->getVersion()) === 1;
$results['flush'] = [$client->flush(), $client->get('a') === false ? null : 'found'];
echo json_encode($results);
