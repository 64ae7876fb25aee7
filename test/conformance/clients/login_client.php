<?php
// PHP's Memcached with SASL. Arguments: port, password. What it should return is in logins.test.ts.

[, $port, $password] = $argv;
$cache = new Memcached();
$cache->setOption(Memcached::OPT_BINARY_PROTOCOL, true);
$cache->setSaslAuthData('ann', $password);
$cache->addServer('127.0.0.1', (int) $port);
$stored = $cache->set('a', '1');
echo json_encode(['result' => $stored ? [$stored, $cache->get('a'), $cache->get('missing')] : 'refused']);
