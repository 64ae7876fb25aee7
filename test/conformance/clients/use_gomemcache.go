// Every command of gomemcache. What it prints is compared in clients.test.ts.
package main

import (
	"bytes"
	"encoding/json"
	"os"

	"github.com/bradfitz/gomemcache/memcache"
)

func main() {
	client := memcache.New("127.0.0.1:" + os.Args[1])
	results := map[string]interface{}{}
	set := func(key, value string) bool { return client.Set(&memcache.Item{Key: key, Value: []byte(value)}) == nil }
	get := func(key string) interface{} {
		item, err := client.Get(key)
		if err != nil {
			return nil
		}
		return string(item.Value)
	}
	item := func(key, value string) *memcache.Item { return &memcache.Item{Key: key, Value: []byte(value)} }
	number := func(value uint64, err error) interface{} {
		if err != nil {
			return err.Error()
		}
		return value
	}
	odd := make([]byte, 256)
	for index := range odd {
		odd[index] = byte(index)
	}
	odd = append(odd, []byte("\r\nEND\r\nVALUE a 0 1\r\n")...)
	large := bytes.Repeat([]byte("x"), 1000000)

	results["set"] = []interface{}{set("a", "1"), get("a"), get("missing")}
	results["add"] = []interface{}{client.Add(item("a", "2")) == nil, client.Add(item("b", "2")) == nil}
	results["replace"] = []interface{}{client.Replace(item("a", "3")) == nil, client.Replace(item("missing", "3")) == nil}
	set("n", "10")
	results["incr"] = []interface{}{number(client.Increment("n", 1)), number(client.Increment("n", 5)), number(client.Decrement("n", 100))}
	results["delete"] = []interface{}{client.Delete("n") == nil, client.Delete("n") == nil}
	set("m1", "1")
	set("m2", "2")
	many, _ := client.GetMulti([]string{"m1", "m2", "m3"})
	found := map[string]string{}
	for key, item := range many {
		found[key] = string(item.Value)
	}
	results["multi"] = found
	held, _ := client.Get("b")
	held.Value = []byte("5")
	swapped := client.CompareAndSwap(held) == nil
	results["cas"] = []interface{}{swapped, client.CompareAndSwap(held) == nil, get("b")}
	results["touch"] = []interface{}{client.Touch("b", 100) == nil, client.Touch("missing", 100) == nil}
	client.Set(&memcache.Item{Key: "odd", Value: odd, Flags: 4294967295})
	back, _ := client.Get("odd")
	results["odd"] = bytes.Equal(back.Value, odd) && back.Flags == 4294967295
	client.Set(&memcache.Item{Key: "large", Value: large})
	back, _ = client.Get("large")
	results["large"] = bytes.Equal(back.Value, large)
	results["too large"] = client.Set(&memcache.Item{Key: "large", Value: append(large, large...)}) == nil
	results["flush"] = []interface{}{client.DeleteAll() == nil, get("a")}
	json.NewEncoder(os.Stdout).Encode(results)
}
