// The parts that work on tables, put together, and the state that they share during a call. Not for what methods see.

import type { Store } from '../../store/store.js';
import type { Budget } from '../budget.js';
import { MethodError } from '../errors.js';
import { Condemned } from './condemned.js';
import { Containers } from './containers.js';
import { Fields } from './fields.js';
import { Found } from './found.js';
import { Journal } from './journal.js';
import { TableLayout } from './layout.js';
import { ObjectMemory } from './object-memory.js';
import { type Place, Places } from './place.js';
import { KeyBytes, ValueBytes } from './scalars.js';
import { Walker } from './walker.js';
import { Writer } from './writer.js';

export class TableParts {
  readonly found = new Found();
  readonly key = new KeyBytes();
  readonly value = new ValueBytes();
  readonly layout: TableLayout;
  readonly memory: ObjectMemory;
  readonly fields: Fields;
  readonly condemned: Condemned;
  readonly journal: Journal;
  readonly places: Places;
  readonly containers: Containers;
  readonly walker: Walker;
  readonly writer: Writer;
  budget!: Budget;
  /** Grows with each call's begin and end: a handle of another generation is dead. */
  generation = 0;

  constructor(
    readonly store: Store,
    thread: number,
    /** The longest text that `join` and JSON may make. */
    readonly resultLimitBytes: number,
  ) {
    this.layout = new TableLayout(store.arena, store.items);
    this.memory = new ObjectMemory(store, thread);
    this.fields = new Fields(store, this.layout, this.memory);
    this.condemned = new Condemned(store, this.fields);
    this.journal = new Journal(store, this.fields, this.condemned);
    this.places = new Places(store.arena, this.fields, this.found);
    this.containers = new Containers(store, this.fields, this.memory, this.journal, this.condemned, this.places);
    this.walker = new Walker(store, this.fields, this.journal, this.places, this.found);
    this.writer = new Writer(store, this.fields, this.journal, this.places, this.containers, this.found);
  }

  /** To be called before anything is done with a table. */
  enter(place: Place, generation: number): void {
    if (generation !== this.generation) throw new MethodError('the table was kept beyond its call');
    this.budget.charge(1);
    this.places.resolve(place);
  }

  enterToWrite(place: Place, generation: number): void {
    this.enter(place, generation);
    this.budget.chargeWrite();
    if (!place.object.writable) throw new MethodError('the object is open for reading only');
  }
}
