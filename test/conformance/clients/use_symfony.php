<?php
// Symfony's cache on memcached by its default DSN, which turns the binary protocol on. Prints what the pool's calls return.

require_once 'Symfony/Component/Cache/autoload.php';

use Symfony\Component\Cache\Adapter\MemcachedAdapter;

$pool = new MemcachedAdapter(MemcachedAdapter::createConnection("memcached://127.0.0.1:{$argv[1]}"), 'app', 60);
$calls = 0;
$compute = function ($item) use (&$calls) {
    $item->expiresAfter(30);
    $calls++;
    return ['computed' => 42];
};
$results = ['get' => [$pool->get('a', $compute), $pool->get('a', $compute), $calls]];
$item = $pool->getItem('b');
$results['save'] = [$item->isHit(), $pool->save($item->set('two')), $pool->hasItem('b'), $pool->getItem('b')->get()];
$results['delete'] = [$pool->deleteItem('b'), $pool->hasItem('b')];
$pool->saveDeferred($pool->getItem('c')->set(3));
$results['deferred'] = [$pool->commit(), $pool->getItem('c')->get()];
$results['clear'] = [$pool->clear(), $pool->hasItem('a')];
echo json_encode($results);
