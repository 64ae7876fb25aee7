// Every command of spymemcached. Arguments: port, protocol. What it prints is compared in clients.test.ts.

import java.net.InetSocketAddress;
import java.util.*;
import java.util.concurrent.TimeUnit;
import net.spy.memcached.*;

public class UseSpymemcached {
  private static final List<String> results = new ArrayList<>();

  private static String json(Object value) {
    return value == null || value instanceof Boolean || value instanceof Number ? String.valueOf(value) : "\"" + value + "\"";
  }

  private static void record(String name, Object... values) {
    StringJoiner list = new StringJoiner(",", "[", "]");
    for (Object value : values) list.add(json(value));
    results.add("\"" + name + "\":" + (values.length == 1 ? json(values[0]) : list));
  }

  public static void main(String[] arguments) throws Exception {
    System.setProperty("net.spy.log.LoggerImpl", "net.spy.memcached.compat.log.SunLogger");
    java.util.logging.Logger.getLogger("net.spy.memcached").setLevel(java.util.logging.Level.OFF);
    ConnectionFactoryBuilder.Protocol protocol =
        arguments[1].equals("binary") ? ConnectionFactoryBuilder.Protocol.BINARY : ConnectionFactoryBuilder.Protocol.TEXT;
    MemcachedClient client = new MemcachedClient(
        new ConnectionFactoryBuilder().setProtocol(protocol).setOpTimeout(20000).setDaemon(true).build(),
        List.of(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]))));
    byte[] odd = new byte[256];
    for (int index = 0; index < 256; index++) odd[index] = (byte) index;
    String large = "x".repeat(1000000);

    record("set", client.set("a", 0, "1").get(), client.get("a"), client.get("missing"));
    record("add", client.add("a", 0, "2").get(), client.add("b", 0, "2").get());
    record("replace", client.replace("a", 0, "3").get(), client.replace("missing", 0, "3").get());
    record("join", client.append("a", "4").get(), client.append("missing", "4").get(), client.prepend("a", "2").get(), client.get("a"));
    client.set("n", 0, "10").get();
    record("incr", client.incr("n", 1), client.incr("n", 5), client.decr("n", 100));
    record("incr with a start", client.incr("started", 1, 7), client.incr("started", 1, 7));
    record("delete", client.delete("n").get(), client.delete("n").get());
    client.set("m1", 0, "1").get();
    client.set("m2", 0, "2").get();
    record("multi", new TreeMap<>(client.getBulk("m1", "m2", "m3")).toString());
    long token = client.gets("b").getCas();
    record("cas", client.cas("b", token, "5").toString(), client.cas("b", token, "6").toString(), client.get("b"));
    record("touch", client.touch("b", 100).get(), client.touch("missing", 100).get());
    if (arguments[1].equals("binary")) record("gat", client.getAndTouch("b", 100).getValue());
    record("large", client.set("large", 0, large).get() && large.equals(client.get("large")));
    record("odd", client.set("odd", 0, odd).get() && Arrays.equals(odd, (byte[]) client.get("odd")));
    List<java.util.concurrent.Future<Object>> waiting = new ArrayList<>();
    for (int number = 0; number < 500; number++) waiting.add(client.asyncGet(number % 2 == 0 ? "b" : "missing"));
    int found = 0;
    for (java.util.concurrent.Future<Object> one : waiting) if (one.get() != null) found++;
    record("pipelined", found);
    record("stats", Integer.parseInt(client.getStats().values().iterator().next().get("curr_items")) > 0);
    record("stats settings", client.getStats("settings").values().iterator().next().size() > 10);
    record("version", client.getVersions().size());
    record("flush", client.flush().get(), client.get("a"));
    System.out.println("{" + String.join(",", results) + "}");
    client.shutdown(1, TimeUnit.SECONDS);
  }
}
