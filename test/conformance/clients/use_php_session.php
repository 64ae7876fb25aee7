<?php
// PHP's sessions on memcached with the settings that come with the extension, which use the binary protocol. Prints what a second
// request reads.

ini_set('session.save_handler', 'memcached');
ini_set('session.save_path', "127.0.0.1:{$argv[1]}");
ini_set('session.use_cookies', '0');
ini_set('session.cache_limiter', '');
session_id('abcdefghij');
session_start();
$_SESSION['cart'] = ['apple' => 2];
session_write_close();
$_SESSION = [];
session_start();
$read = $_SESSION;
session_regenerate_id(true);
$kept = $_SESSION;
session_destroy();
session_id('abcdefghij');
session_start();
echo json_encode(['read' => $read, 'kept' => $kept, 'destroyed' => $_SESSION]);
session_write_close();
