// The types that ship and are more than samples, by name: for tests that hold for each of their methods.

import bloom from '../../plugins/bloom.js';
import board from '../../plugins/board.js';
import fill from '../../plugins/fill.js';
import gcra from '../../plugins/gcra.js';
import idem from '../../plugins/idem.js';
import lease from '../../plugins/lease.js';
import queue from '../../plugins/queue.js';
import session from '../../plugins/session.js';
import stock from '../../plugins/stock.js';
import tag from '../../plugins/tag.js';
import ttlset from '../../plugins/ttlset.js';
import uniq from '../../plugins/uniq.js';
import window from '../../plugins/window.js';

export const SHIPPED = { gcra, window, lease, fill, tag, queue, board, session, idem, stock, uniq, bloom, ttlset };

export type ShippedType = keyof typeof SHIPPED;
