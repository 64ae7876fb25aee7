<?php
// Every command of PHP's memcache extension, over text or, with "binary" as its second argument, binary. What it prints is compared in
// clients.test.ts.

ini_set('memcache.protocol', ($argv[2] ?? '') === 'binary' ? 'binary' : 'ascii');
$client = new MemcachePool();
$client->addServer('127.0.0.1', (int) $argv[1]);
$odd = implode('', array_map('chr', range(0, 255))) . "\r\nEND\r\nVALUE a 0 1\r\n";
$large = str_repeat('x', 1000000);
$results = [];

$results['set'] = [$client->set('a', '1'), $client->get('a'), $client->get('missing') === false ? null : 'found'];
$results['add'] = [$client->add('a', '2'), $client->add('b', '2')];
$results['replace'] = [$client->replace('a', '3'), $client->replace('missing', '3')];
$results['join'] = [$client->append('a', '4'), $client->append('missing', '4'), $client->prepend('a', '2'), $client->get('a')];
$client->set('n', 10);
$results['incr'] = [$client->increment('n'), $client->increment('n', 5), $client->decrement('n', 100)];
$results['delete'] = [$client->delete('n'), $client->delete('n')];
$client->set(['m1' => '1', 'm2' => '2']);
$results['multi'] = $client->get(['m1', 'm2', 'm3']);
$token = $client->get('b', $flags, $cas);
$results['cas'] = [$client->cas('b', '5', 0, 0, $cas), $client->cas('b', '6', 0, 0, $cas), $client->get('b')];
$results['large'] = $client->set('large', $large) && $client->get('large') === $large;
$results['odd'] = $client->set('odd', $odd) && $client->get('odd') === $odd;
$results['stats'] = $client->getStats()['curr_items'] > 0;
$results['version'] = strlen($client->getVersion()) > 0;
$results['flush'] = [$client->flush(), $client->get('a') === false ? null : 'found'];
echo json_encode($results);
