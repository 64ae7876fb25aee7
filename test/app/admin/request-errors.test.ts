// What senders of wrong requests to the admin port read.

import { expect, test } from 'vitest';
import { askHttp, openHttp, startAdmin } from './http-client.js';

test('a mistake in a query or a body is named in words, and nothing of it is passed over', async () => {
  const { server, port } = await startAdmin();
  await using _ = server;
  const errorOf = async (path: string, body?: object) => {
    const { status, text } = await askHttp(port, path, body === undefined ? {} : { method: 'POST', body });
    return [status, JSON.parse(text).error];
  };
  const call = { type: 'set', method: 'count', key: 'k' };
  for (const [path, error] of [
    ['/api/objects?limit=0', 'the parameter limit must be at least 1'],
    ['/api/objects?limit=201', 'the parameter limit must be at most 200'],
    ['/api/objects?limit=many', 'the parameter limit must be an integer, given once'],
    ['/api/objects?prefix=a&prefix=b', 'the parameter prefix must be a string, given once'],
    ['/api/objects?prefix[]=a', 'there is no parameter prefix[]'],
    ['/api/object?keyBase64=!', 'the parameter keyBase64 must be base64'],
    ['/api/object?key=a&keyBase64=YQ', 'give key or keyBase64, not both'],
    ['/api/type', 'the parameter name is required'],
    ['/api/type?name=a&nmae=b', 'there is no parameter nmae'],
    ['/api/reloads?flie=a', 'there is no parameter flie'],
    ['/api/log?befroe=1', 'there is no parameter befroe'],
  ] as const) {
    expect([path, ...(await errorOf(path))]).toEqual([path, 400, error]);
  }
  expect(await errorOf('/api/call', [])).toEqual([400, 'the body must be a JSON object']);
  expect(await errorOf('/api/call', { type: 'set' })).toEqual([400, 'the field method is required']);
  expect(await errorOf('/api/call', { ...call, argument: ['a'] })).toEqual([400, 'there is no field argument']);
  expect(await errorOf('/api/call', { ...call, arguments: Array(65).fill('a') })).toEqual([
    400,
    'the field arguments must have at most 64 entries',
  ]);
});

test('a path that is no URL is refused as other requests are: in words, counted, and not to be cached', async () => {
  const { server, port, json } = await startAdmin();
  await using _ = server;
  const { headers, statusCode } = await openHttp(port, '/api/%zz');
  expect([statusCode, headers['cache-control']]).toEqual([400, 'no-store']);
  expect((await askHttp(port, '/%zz')).text).toMatch(/^\{"error":"the path is no valid URL: /);
  expect(await json('/api/stats')).toMatchObject({ values: { admin_refused: 2, admin_requests: 3 } });
});
