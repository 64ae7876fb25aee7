// The required replies of the four types that ship, in either language: one suite, run on each. Tables of calls and replies; `advance`
// lines move the clock.

import { describe, expect, test } from 'vitest';
import type { LoadedType } from '../../src/objects/types/loaded-type.js';
import { CallHarness, type HarnessOptions } from './call-harness.js';

type Step =
  | readonly [key: string, answer: string]
  | { readonly set: string; readonly data: string; readonly exptime?: number; readonly answer: string }
  | { readonly advance: number };

const LAST = (values: readonly number[]): readonly Step[] =>
  values.map((value) => [`swcounter:add:c:${value}`, 'SUCCESS'] as const);

const ODD = '\u00e4\u00ff\u0000\r\n:%$';
const ODD_ESCAPED = '%e4%FF%00%0d%0A%3a%25$';

const CASES: Readonly<Record<string, readonly Step[]>> = {
  'set: members are put, counted, found and deleted': [
    ['set:new:k', 'CREATED'],
    ['set:put:k:a', 'SUCCESS'],
    ['set:put:k:b', 'SUCCESS'],
    ['set:put:k:a', 'SUCCESS'],
    ['set:count:k', '2'],
    ['set:exist:k:a', 'EXISTS'],
    ['set:exists:k:a', 'EXISTS'],
    ['set:exist:k:c', 'NOT_FOUND'],
    ['set:exists:k:c', 'NOT_FOUND'],
    ['set:getall:k', 'a\r\nb\r\n'],
    ['set:delete:k:a', 'SUCCESS'],
    ['set:delete:k:a', 'SUCCESS'],
    ['set:count:k', '1'],
    ['set:getall:k', 'b\r\n'],
  ],
  'set: new replaces': [
    ['set:new:k', 'CREATED'],
    ['set:put:k:a', 'SUCCESS'],
    ['set:new:k', 'CREATED'],
    ['set:count:k', '0'],
    ['set:getall:k', ''],
  ],
  'set: union, intersection and difference of two': [
    ['set:new:one', 'CREATED'],
    ['set:new:two', 'CREATED'],
    ['set:putall:one:["a","b","c"]', 'SUCCESS'],
    { set: 'set:putall:two', data: '["b", "c", "d"]', answer: 'STORED' },
    ['set:union:one:two', 'a\r\nb\r\nc\r\nd\r\n'],
    ['set:intersection:one:two', 'b\r\nc\r\n'],
    ['set:difference:one:two', 'a\r\n'],
    ['set:union:one:one', 'a\r\nb\r\nc\r\n'],
    ['set:difference:one:one', ''],
    ['set:union:one:none', 'ERROR_CACHE_MISS'],
    ['set:intersection:one:none', 'ERROR_CACHE_MISS'],
    ['set:difference:one:none', 'ERROR_CACHE_MISS'],
  ],
  'set: members are any bytes': [
    ['set:new:k', 'CREATED'],
    [`set:put:k:${ODD_ESCAPED}`, 'SUCCESS'],
    [`set:exist:k:${ODD_ESCAPED}`, 'EXISTS'],
    ['set:getall:k', `${ODD}\r\n`],
    { set: 'set:put:k', data: `${ODD}${ODD}`, answer: 'STORED' },
    ['set:count:k', '2'],
    [`set:exist:k:${ODD_ESCAPED}${ODD_ESCAPED}`, 'EXISTS'],
    ['set:put:k:%zz%4', 'SUCCESS'],
    ['set:exist:k:%25zz%254', 'EXISTS'],
    ['set:put:k:__proto__', 'SUCCESS'],
    ['set:exist:k:constructor', 'NOT_FOUND'],
    ['set:exist:k:__proto__', 'EXISTS'],
    ['set:put:k:http://a:80/b', 'SUCCESS'],
    ['set:exist:k:http://a:80/b', 'EXISTS'],
    ['set:put:k:1', 'SUCCESS'],
    ['set:exist:k:1', 'EXISTS'],
    ['set:exist:k:01', 'NOT_FOUND'],
  ],
  'set: an empty member is a member, an absent one is an error': [
    ['set:new:k', 'CREATED'],
    ['set:put:k', 'CLIENT_ERROR set:put: member is required'],
    ['set:put:k:', 'CLIENT_ERROR set:put: member is required'],
    ['set:put:k::', 'SUCCESS'],
    ['set:exist:k::', 'EXISTS'],
    ['set:count:k', '1'],
    { set: 'set:put:k:a', data: '', answer: 'STORED' },
    { set: 'set:delete:k', data: '', answer: 'STORED' },
    ['set:getall:k', 'a\r\n'],
    ['set:count:k:a', 'CLIENT_ERROR set:count: takes no more than 0 arguments'],
    ['set:new', 'CLIENT_ERROR set:new: key is required'],
  ],
  'set: what is no JSON array of strings is refused': [
    ['set:new:k', 'CREATED'],
    { set: 'set:putall:k', data: '["a"', answer: 'CLIENT_ERROR set:putall: members must be a JSON array' },
    { set: 'set:putall:k', data: '{"a":1}', answer: 'CLIENT_ERROR set:putall: members must be a JSON array' },
    { set: 'set:putall:k', data: '["a",1]', answer: 'CLIENT_ERROR set:putall: members at /1 must be string' },
    ['set:count:k', '0'],
    { set: 'set:putall:k', data: '["\\u00e9\\ud83d\\ude00\\n\\\\u0041"]', answer: 'STORED' },
    ['set:getall:k', '\u00c3\u00a9\u00f0\u009f\u0098\u0080\n\\u0041\r\n'],
  ],
  'set: several members at a time': [
    ['set:new:k', 'CREATED'],
    ['set:putall:k:["a","b","c","d"]', 'SUCCESS'],
    ['set:existsmany:k:["b","x","b"]', 'EXISTS\r\nNOT_FOUND\r\nEXISTS\r\n'],
    ['set:existsmany:k:[]', ''],
    ['set:deletemany:k:["b","x","b","c"]', '2'],
    ['set:deletemany:k:[]', '0'],
    ['set:getall:k', 'a\r\nd\r\n'],
    ['set:deletemany:k:["a",1]', 'CLIENT_ERROR set:deletemany: members at /1 must be string'],
    { set: 'set:existsmany:k', data: '"a"', answer: 'CLIENT_ERROR set:existsmany: members must be a JSON array' },
    { set: 'set:deletemany:k', data: '["a"]', answer: 'STORED' },
    ['set:getall:k', 'd\r\n'],
  ],
  'set: several members that are any bytes': [
    ['set:new:k', 'CREATED'],
    { set: 'set:putall:k', data: '["\u00ff\\u0000\\r\\n:%$","","__proto__","1"]', answer: 'STORED' },
    ['set:existsmany:k:["%ff\\u0000\\r\\n:%25$","","1","01"]', 'EXISTS\r\nEXISTS\r\nEXISTS\r\nNOT_FOUND\r\n'],
    ['set:scan:k:2', '\u00ff\u0000\r\n:%$\r\n\r\n'],
    ['set:scanafter:k:1:%ff%00%0d%0a:%25$', '\r\n'],
    ['set:scanafter:k:1::', '__proto__\r\n'],
    { set: 'set:unionof:l', data: '["k"]', answer: 'STORED' },
    ['set:pop:l', '\u00ff\u0000\r\n:%$\r\n'],
    ['set:deletemany:l:["","__proto__","toString"]', '2'],
    ['set:random:l:9', '1\r\n'],
  ],
  'set: the members that were put first are popped first': [
    ['set:new:k', 'CREATED'],
    ['set:pop:k', ''],
    ['set:putall:k:["a","b","c","d"]', 'SUCCESS'],
    ['set:pop:k:0', ''],
    ['set:pop:k', 'a\r\n'],
    ['set:pop:k:2', 'b\r\nc\r\n'],
    ['set:put:k:a', 'SUCCESS'],
    ['set:pop:k:9007199254740991', 'd\r\na\r\n'],
    ['set:count:k', '0'],
    ['set:pop:k:-1', 'CLIENT_ERROR set:pop: count must be >= 0'],
  ],
  'set: as many members at random as there are': [
    ['set:new:k', 'CREATED'],
    ['set:random:k', ''],
    ['set:putall:k:["a","b"]', 'SUCCESS'],
    ['set:random:k:0', ''],
    ['set:random:k:2', 'a\r\nb\r\n'],
    ['set:random:k:9007199254740991', 'a\r\nb\r\n'],
    ['set:delete:k:a', 'SUCCESS'],
    ['set:random:k', 'b\r\n'],
    ['set:random:k:-1', 'CLIENT_ERROR set:random: count must be >= 0'],
  ],
  'set: pages of members': [
    ['set:new:k', 'CREATED'],
    ['set:scan:k', ''],
    ['set:putall:k:["a","b:c","c","d"]', 'SUCCESS'],
    ['set:scan:k:2', 'a\r\nb:c\r\n'],
    ['set:scanafter:k:2:b:c', 'c\r\nd\r\n'],
    ['set:scanafter:k:9:a', 'b:c\r\nc\r\nd\r\n'],
    ['set:scanafter:k:2:d', ''],
    ['set:scanafter:k:2:e', 'NOT_FOUND'],
    ['set:scan:k', 'a\r\nb:c\r\nc\r\nd\r\n'],
    ['set:scan:k:9007199254740991', 'a\r\nb:c\r\nc\r\nd\r\n'],
    ['set:scan:k:0', 'CLIENT_ERROR set:scan: count must be >= 1'],
    ['set:scanafter:k:0:a', 'CLIENT_ERROR set:scanafter: count must be >= 1'],
    ['set:scanafter:k:2', 'CLIENT_ERROR set:scanafter: member is required'],
  ],
  'set: a new set from several': [
    ...['one', 'two', 'three'].map((key) => [`set:new:${key}`, 'CREATED'] as const),
    ['set:putall:one:["a","b","c"]', 'SUCCESS'],
    ['set:putall:two:["d","c","b"]', 'SUCCESS'],
    ['set:putall:three:["c","e"]', 'SUCCESS'],
    ['set:unionof:all:["one","two","three"]', '5'],
    ['set:getall:all', 'a\r\nb\r\nc\r\nd\r\ne\r\n'],
    ['set:intersectionof:all:["two","one"]', '2'],
    ['set:getall:all', 'c\r\nb\r\n'],
    ['set:intersectionof:all:["two","one","three"]', '1'],
    ['set:differenceof:all:["one","three"]', '2'],
    ['set:getall:all', 'a\r\nb\r\n'],
    ['set:differenceof:all:["one","two","three"]', '1'],
    ['set:unionof:all:["three"]', '2'],
    ['set:getall:all', 'c\r\ne\r\n'],
    ['set:getall:one', 'a\r\nb\r\nc\r\n'],
    ['set:unionof:all:[]', 'CLIENT_ERROR set:unionof: sets must NOT have fewer than 1 items'],
    ['set:unionof:all', 'CLIENT_ERROR set:unionof: sets is required'],
  ],
  'set: a new set from itself and from one set several times': [
    ['set:new:k', 'CREATED'],
    ['set:new:l', 'CREATED'],
    ['set:putall:k:["a","b","c"]', 'SUCCESS'],
    ['set:putall:l:["c","d"]', 'SUCCESS'],
    ['set:unionof:k:["k"]', '3'],
    ['set:intersectionof:k:["k","k"]', '3'],
    ['set:getall:k', 'a\r\nb\r\nc\r\n'],
    ['set:unionof:k:["l","k","l"]', '4'],
    ['set:getall:k', 'c\r\nd\r\na\r\nb\r\n'],
    ['set:differenceof:k:["k","l"]', '2'],
    ['set:intersectionof:k:["l","k"]', '0'],
    ['set:count:k', '0'],
    ['set:differenceof:l:["l","l"]', '0'],
    ['set:count:l', '0'],
    ['set:unionof:m:["k","l"]', '0'],
    ['set:count:m', '0'],
  ],
  'set: with a missing one, a new set is neither made nor changed': [
    ['set:unionof:all:["one"]', 'ERROR_CACHE_MISS'],
    ['set:unionof:all:["all"]', 'ERROR_CACHE_MISS'],
    ['set:count:all', 'ERROR_CACHE_MISS'],
    ['set:new:one', 'CREATED'],
    ['set:put:one:a', 'SUCCESS'],
    ['set:intersectionof:one:["one","two"]', 'ERROR_CACHE_MISS'],
    ['set:differenceof:one:["one","two"]', 'ERROR_CACHE_MISS'],
    ['set:unionof:one:["two","one"]', 'ERROR_CACHE_MISS'],
    ['set:unionof:one:["a key"]', 'ERROR_CACHE_MISS'],
    ['set:getall:one', 'a\r\n'],
  ],
  'set: a new set from several has the expiry of the command, or none': [
    { set: 'set:new:k', data: '', exptime: 100, answer: 'STORED' },
    ['set:put:k:a', 'SUCCESS'],
    ['set:unionof:l:["k"]', '1'],
    ['set:ttl:l', '-1'],
    ['set:unionof:k:["k"]', '1'],
    ['set:ttl:k', '-1'],
    { set: 'set:unionof:k', data: '["l"]', exptime: 7, answer: 'STORED' },
    ['set:ttl:k', '7'],
  ],
  'map: several keys at a time': [
    ['map:new:m', 'CREATED'],
    { set: 'map:putmany:m', data: '{"a":"1","b":2.5,"c":"x : y","":"none"}', answer: 'STORED' },
    ['map:getmany:m:["c","x","b","","c"]', 'c : x : y\r\nb : 2.5\r\n : none\r\nc : x : y\r\n'],
    ['map:getmany:m:[]', ''],
    ['map:putmany:m:{"b":"3","d":0.0000001}', 'SUCCESS'],
    ['map:putmany:m:{}', 'SUCCESS'],
    ['map:get:m:d', 'd : 1e-7'],
    ['map:deletemany:m:["a","x","a",""]', '2'],
    ['map:getall:m', 'b : 3\r\nc : x : y\r\nd : 1e-7\r\n'],
    { set: 'map:putmany:m', data: '[]', answer: 'CLIENT_ERROR map:putmany: pairs must be a JSON object' },
    ['map:getmany:m:["b",1]', 'CLIENT_ERROR map:getmany: keys at /1 must be string'],
  ],
  'map: several keys and values that are any bytes': [
    ['map:new:m', 'CREATED'],
    {
      set: 'map:putmany:m',
      data: '{"\u00ff\\u0000":"\\r\\n\u00e4","__proto__":"p","7":"seven","constructor":"c"}',
      answer: 'STORED',
    },
    ['map:getmany:m:["%ff\\u0000","__proto__","7"]', '\u00ff\u0000 : \r\n\u00e4\r\n__proto__ : p\r\n7 : seven\r\n'],
    ['map:scanafter:m:1:%ff%00', '__proto__ : p\r\n'],
    ['map:deletemany:m:["__proto__","toString"]', '1'],
    ['map:count:m', '3'],
  ],
  ...Object.fromEntries(
    ['[]', '{}', 'true', 'null', '1e999'].map((value): [string, readonly Step[]] => [
      `map: of several pairs none is put where a value is ${value}`,
      [
        ['map:new:m', 'CREATED'],
        ['map:put:m:b:2', 'SUCCESS'],
        {
          set: 'map:putmany:m',
          data: `{"a":"1","b":"3","c":${value},"d":"4"}`,
          answer: 'CLIENT_ERROR map:putmany: the value of c is neither a text nor a number',
        },
        ['map:getall:m', 'b : 2\r\n'],
      ],
    ]),
  ),
  'map: pages of pairs': [
    ['map:new:m', 'CREATED'],
    ['map:scan:m', ''],
    { set: 'map:putmany:m', data: '{"a":"1","b:c":2,"c":"3"}', answer: 'STORED' },
    ['map:scan:m:2', 'a : 1\r\nb:c : 2\r\n'],
    ['map:scanafter:m:2:b:c', 'c : 3\r\n'],
    ['map:scanafter:m:2:c', ''],
    ['map:scanafter:m:2:x', 'NOT_FOUND'],
    ['map:scan:m', 'a : 1\r\nb:c : 2\r\nc : 3\r\n'],
    ['map:scan:m:0', 'CLIENT_ERROR map:scan: count must be >= 1'],
    ['map:scanafter:m:1', 'CLIENT_ERROR map:scanafter: k is required'],
  ],
  'map: keys and values': [
    ['map:new:m', 'CREATED'],
    ['map:put:m:k:v', 'SUCCESS'],
    ['map:put:m:l:http://host:1/', 'SUCCESS'],
    ['map:get:m:k', 'k : v'],
    ['map:get:m:l', 'l : http://host:1/'],
    ['map:get:m:x', 'NOT_FOUND'],
    ['map:count:m', '2'],
    ['map:getkeys:m', 'k\r\nl\r\n'],
    ['map:getvalues:m', 'v\r\nhttp://host:1/\r\n'],
    ['map:getall:m', 'k : v\r\nl : http://host:1/\r\n'],
    ['map:put:m:k:w', 'SUCCESS'],
    ['map:getall:m', 'k : w\r\nl : http://host:1/\r\n'],
    ['map:putifabsent:m:k:z', 'EXISTS'],
    ['map:putifabsent:m:n:z', 'SUCCESS'],
    ['map:get:m:k', 'k : w'],
    ['map:get:m:n', 'n : z'],
    ['map:delete:m:k', 'SUCCESS'],
    ['map:delete:m:k', 'SUCCESS'],
    ['map:count:m', '2'],
    { set: 'map:put:m:odd', data: ODD, answer: 'STORED' },
    ['map:get:m:odd', `odd : ${ODD}`],
    ['map:put:m:empty::', 'SUCCESS'],
    ['map:get:m:empty', 'empty : '],
    ['map:put:m:k', 'CLIENT_ERROR map:put: v is required'],
    ['map:put:m', 'CLIENT_ERROR map:put: k is required'],
    ['map:new:m', 'CREATED'],
    ['map:count:m', '0'],
  ],
  'map: values count': [
    ['map:new:m', 'CREATED'],
    ['map:incr:m:k', '1'],
    ['map:incr:m:k:41', '42'],
    ['map:incr:m:k:-2', '40'],
    ['map:get:m:k', 'k : 40'],
    ['map:put:m:k:7', 'SUCCESS'],
    ['map:incr:m:k', '8'],
    ['map:put:m:k:-7', 'SUCCESS'],
    ['map:incr:m:k', '-6'],
    ['map:put:m:k:9007199254740990', 'SUCCESS'],
    ['map:incr:m:k', '9007199254740991'],
    ['map:get:m:k', 'k : 9007199254740991'],
    ['map:incr:m:k', 'CLIENT_ERROR map:incr: the value of k would be too large'],
    ['map:get:m:k', 'k : 9007199254740991'],
    ['map:put:m:k:many', 'SUCCESS'],
    ['map:incr:m:k', 'CLIENT_ERROR map:incr: the value of k is not a number'],
  ],
  'map: values count by fractions': [
    ['map:new:m', 'CREATED'],
    ['map:incr:m:k:1.5', '1.5'],
    ['map:incr:m:k:-0.25', '1.25'],
    ['map:incr:m:k', '2.25'],
    ['map:get:m:k', 'k : 2.25'],
    ['map:incr:m:k:1e3', '1002.25'],
    ['map:incr:m:t:0.1', '0.1'],
    ['map:incr:m:t:0.2', '0.30000000000000004'],
    ['map:get:m:t', 't : 0.30000000000000004'],
    ['map:getall:m', 'k : 1002.25\r\nt : 0.30000000000000004\r\n'],
    ['map:incr:m:t:-0.30000000000000004', '0'],
    ['map:get:m:t', 't : 0'],
    ['map:incr:m:s:0.0000001', '1e-7'],
    ['map:get:m:s', 's : 1e-7'],
    ['map:getmany:m:["s"]', 's : 1e-7\r\n'],
    ['map:put:m:k:-7.5', 'SUCCESS'],
    ['map:incr:m:k', '-6.5'],
    ['map:put:m:k:+0.30000000000000004', 'SUCCESS'],
    ['map:incr:m:k:0', '0.30000000000000004'],
    ['map:put:m:k:9007199254740990.5', 'SUCCESS'],
    ['map:incr:m:k:0.5', '9007199254740990'],
    ['map:incr:m:k:1.5', 'CLIENT_ERROR map:incr: the value of k would be too large'],
    ['map:incr:m:k:1e300', 'CLIENT_ERROR map:incr: the value of k would be too large'],
    ['map:incr:m:k:-1e300', 'CLIENT_ERROR map:incr: the value of k would be too large'],
    ['map:get:m:k', 'k : 9007199254740990'],
    ...['7.', '.5', '1e3', '0x10', ' 7', '7 ', '', '12345678901234567', '1.5.5', '0.123456789012345678901'].flatMap(
      (value): Step[] => [
        { set: 'map:put:m:k', data: value, answer: 'STORED' },
        ['map:incr:m:k', 'CLIENT_ERROR map:incr: the value of k is not a number'],
      ],
    ),
    ['map:incr:m:n:x', 'CLIENT_ERROR map:incr: n must be a number in decimal digits'],
    ['map:incr:m:n:1e999', 'CLIENT_ERROR map:incr: n must be a number in decimal digits'],
    ['map:incr:m:n:0x10', 'CLIENT_ERROR map:incr: n must be a number in decimal digits'],
    ['map:get:m:n', 'NOT_FOUND'],
  ],
  'quota: is used up and is full again in the next window': [
    ['quota:new:u:10:hour', 'CREATED'],
    ['quota:addandcheck:u:10', 'QUOTA_OK'],
    ['quota:peek:u', '0'],
    ['quota:addandcheck:u:1', 'QUOTA_EXCEEDED'],
    ['quota:addandcheck:u', 'QUOTA_EXCEEDED'],
    ['quota:addandcheck:u:0', 'QUOTA_OK'],
    { advance: 1799 },
    ['quota:addandcheck:u', 'QUOTA_EXCEEDED'],
    { advance: 1 },
    ['quota:peek:u', '10'],
    ['quota:addandcheck:u', 'QUOTA_OK'],
    ['quota:peek:u', '9'],
    ['quota:reset:u', 'QUOTA_OK'],
    ['quota:peek:u', '10'],
    { set: 'quota:addandcheck:u', data: '4', answer: 'STORED' },
    { set: 'quota:addandcheck:u', data: '', answer: 'STORED' },
    ['quota:peek:u', '5'],
  ],
  'quota: windows of each period': [
    ['quota:new:i:1:minute', 'CREATED'],
    ['quota:new:h:1:hour', 'CREATED'],
    ['quota:new:d:1:day', 'CREATED'],
    ['quota:new:m:1:month', 'CREATED'],
    ...['i', 'h', 'd', 'm'].map((key) => [`quota:addandcheck:${key}`, 'QUOTA_OK'] as const),
    { advance: 60 },
    ['quota:addandcheck:i', 'QUOTA_OK'],
    ['quota:addandcheck:h', 'QUOTA_EXCEEDED'],
    { advance: 3600 },
    ['quota:addandcheck:h', 'QUOTA_OK'],
    ['quota:addandcheck:d', 'QUOTA_EXCEEDED'],
    { advance: 24 * 3600 },
    ['quota:addandcheck:d', 'QUOTA_OK'],
    ['quota:addandcheck:m', 'QUOTA_EXCEEDED'],
    { advance: 31 * 24 * 3600 },
    ['quota:addandcheck:m', 'QUOTA_OK'],
  ],
  'quota: wrong periods and limits': [
    ['quota:new:u:10:week', 'NOT_CREATED'],
    ['quota:addandcheck:u', 'ERROR_CACHE_MISS'],
    ['quota:new:u:10', 'CLIENT_ERROR quota:new: period is required'],
    ['quota:new:u', 'CLIENT_ERROR quota:new: limit is required'],
    ['quota:new:u:-1:hour', 'CLIENT_ERROR quota:new: limit must be >= 0'],
    ['quota:new:u:ten:hour', 'CLIENT_ERROR quota:new: limit must be a whole number in decimal digits'],
    ['quota:new:u:5:day', 'CREATED'],
    ['quota:new:u:9:never', 'NOT_CREATED'],
    ['quota:peek:u', '5'],
    ['quota:addandcheck:u:-1', 'CLIENT_ERROR quota:addandcheck: n must be >= 0'],
    ['quota:newifabsent:u:9:day', 'EXISTS'],
    ['quota:peek:u', '5'],
    ['quota:newifabsent:v:9:day', 'CREATED'],
    ['quota:peek:v', '9'],
  ],
  'swcounter: figures over the values added so far': [
    ['swcounter:new:c:2', 'CREATED'],
    ...['last', 'min', 'max', 'avg', 'sum', 'count'].map((figure) => [`swcounter:get${figure}:c`, '0'] as const),
    ['swcounter:add:c:100', 'SUCCESS'],
    ['swcounter:getmin:c', '100'],
    ['swcounter:getavg:c', '100'],
    ['swcounter:getcount:c', '1'],
    ['swcounter:add:c:50', 'SUCCESS'],
    ['swcounter:getmin:c', '50'],
    ['swcounter:getmax:c', '100'],
    ['swcounter:getavg:c', '75'],
    ['swcounter:getlast:c', '50'],
    ['swcounter:getsum:c', '150'],
    ['swcounter:getcount:c', '2'],
    ['swcounter:add:c:-1.5', 'SUCCESS'],
    ['swcounter:getlast:c', '-1.5'],
    ['swcounter:getmax:c', '50'],
    ['swcounter:getsum:c', '48.5'],
    ['swcounter:getcount:c', '2'],
  ],
  'swcounter: sixteen values unless told otherwise': [
    ['swcounter:new:c', 'CREATED'],
    ...LAST([...Array(20).keys()]),
    ['swcounter:getcount:c', '16'],
    ['swcounter:getmin:c', '4'],
    ['swcounter:getmax:c', '19'],
    ['swcounter:getlast:c', '19'],
    ['swcounter:getavg:c', '11.5'],
    ['swcounter:new:d:0', 'CLIENT_ERROR swcounter:new: size must be >= 1'],
    ['swcounter:add:c:0x10', 'CLIENT_ERROR swcounter:add: value must be a number in decimal digits'],
    ['swcounter:add:c', 'CLIENT_ERROR swcounter:add: value is required'],
  ],
};

const MAKING = {
  set: 'set:new:k',
  map: 'map:new:k',
  quota: 'quota:new:k:1:day',
  swcounter: 'swcounter:new:k',
} as const;

/** Arguments with which each method can be called. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  'set:put': ':a',
  'set:putall': ':["a"]',
  'set:delete': ':a',
  'set:exist': ':a',
  'set:exists': ':a',
  'set:union': ':k',
  'set:intersection': ':k',
  'set:difference': ':k',
  'set:deletemany': ':["a"]',
  'set:existsmany': ':["a"]',
  'set:scanafter': ':1:a',
  'map:getmany': ':["a"]',
  'map:putmany': ':{"a":"b"}',
  'map:deletemany': ':["a"]',
  'map:scanafter': ':1:a',
  'map:put': ':a:b',
  'map:putifabsent': ':a:b',
  'map:incr': ':a',
  'map:delete': ':a',
  'map:get': ':a',
  'swcounter:add': ':1',
};

function play(harness: CallHarness, steps: readonly Step[]): void {
  for (const step of steps) {
    if ('advance' in step) harness.advance(step.advance);
    else if ('set' in step)
      expect([step.set, harness.set(step.set, step.data, step.exptime)]).toEqual([step.set, step.answer]);
    else expect([step[0], harness.get(step[0])]).toEqual(step);
  }
}

/** Runs the suite on the types as `load` makes them, on tables in ordinary memory or in an arena. */
export function describeConformance(
  language: string,
  load: (name: string) => LoadedType,
  options: HarnessOptions = {},
): void {
  const harnessed = () => new CallHarness(Object.keys(MAKING).map(load), options);

  describe(`types that ship, in ${language}`, () => {
    for (const [name, steps] of Object.entries(CASES)) test(name, () => play(harnessed(), steps));

    test('have the same methods in each language', () => {
      const methods = Object.keys(MAKING).map((name) => [name, [...load(name).methods.keys()].sort()]);
      expect(Object.fromEntries(methods)).toEqual(METHODS);
    });

    for (const [type, making] of Object.entries(MAKING)) {
      test(`${type}: every method of a missing object returns ERROR_CACHE_MISS`, () => {
        const harness = harnessed();
        for (const [name, method] of load(type).methods) {
          // Those that make the object themselves need none.
          if (method.access === 'create' || method.access === 'upsert') continue;
          const call = `${type}:${name}:none${ARGUMENTS[`${type}:${name}`] ?? ''}`;
          expect([call, harness.get(call)]).toEqual([call, 'ERROR_CACHE_MISS']);
          expect([call, harness.set(call, '')]).toEqual([call, 'NOT_FOUND']);
        }
      });

      test(`${type}: ttl returns and sets the remaining seconds`, () => {
        play(harnessed(), [
          [making, 'CREATED'],
          [`${type}:ttl:k`, '-1'],
          [`${type}:ttl:k:100`, 'SUCCESS'],
          { advance: 40 },
          [`${type}:ttl:k`, '60'],
          [`${type}:ttl:k:0`, 'SUCCESS'],
          [`${type}:ttl:k`, '-1'],
          [`${type}:ttl:k:-2`, `CLIENT_ERROR ${type}:ttl: seconds must be >= -1`],
          [`${type}:ttl:k:4294967296`, `CLIENT_ERROR ${type}:ttl: seconds must be <= 4294967295`],
          [`${type}:ttl:k:5`, 'SUCCESS'],
          { advance: 5 },
          [`${type}:ttl:k`, 'ERROR_CACHE_MISS'],
          { set: making, data: '', exptime: 7, answer: 'STORED' },
          [`${type}:ttl:k`, '7'],
        ]);
      });

      test(`${type}: a plain value at the key is left alone`, () => {
        const harness = harnessed();
        harness.putPlain(`${type}$k`, 'plain');
        const answerOf = (key: string) => {
          const [, method] = key.split(':');
          return `CLIENT_ERROR ${type}:${method}: ${type}$k holds a plain value, not an object`;
        };
        const ttl = `${type}:ttl:k`;
        play(harness, [
          [making, answerOf(making)],
          [ttl, answerOf(ttl)],
          { set: making, data: '', answer: answerOf(making) },
        ]);
      });
    }
  });
}

const METHODS = {
  set: sorted(
    'new put putall delete deletemany exist exists existsmany count getall scan scanafter random pop ttl ' +
      'union intersection difference unionof intersectionof differenceof',
  ),
  map: sorted(
    'new put putmany putifabsent incr delete deletemany get getmany scan scanafter count getkeys getvalues getall ttl',
  ),
  quota: sorted('new newifabsent addandcheck peek reset ttl'),
  swcounter: sorted('new add getlast getmin getmax getavg getsum getcount ttl'),
};

function sorted(names: string): string[] {
  return names.split(' ').sort();
}
