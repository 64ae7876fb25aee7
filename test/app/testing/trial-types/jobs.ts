// Jobs that are due at a time and are handed out again unless they are done before `ms` are over.

import { defineType, method } from 'cacheismo';

export default defineType({
  name: 'jobs',
  methods: {
    put: method({
      access: 'upsert',
      parameters: { id: { type: 'string' }, delay: { type: 'integer', minimum: 0, default: 0 } },
      run: (self, { id, delay }, call) => (self.ordered('due').set(id, call.monotonicMs + delay) ? 'NEW' : 'MOVED'),
    }),
    take: method({
      access: 'write',
      parameters: { ms: { type: 'integer', minimum: 1 } },
      run(self, { ms }, call) {
        const due = self.ordered('due');
        const [id, at] = due.first() ?? [];
        if (id === undefined || at === undefined) return 'EMPTY';
        if (at > call.monotonicMs) return `EMPTY ${Math.ceil(at - call.monotonicMs)}`;
        const token = call.sequence();
        due.set(id, call.monotonicMs + ms);
        self.child('tokens').set(id, token);
        return `JOB ${id} ${token}`;
      },
    }),
    done: method({
      access: 'write',
      parameters: { id: { type: 'string' }, token: { type: 'integer' } },
      run(self, { id, token }) {
        if (self.child('tokens').get(id) !== token) return 'LATE';
        self.child('tokens').delete(id);
        self.ordered('due').delete(id);
        return 'OK';
      },
    }),
  },
});
