// Creates and connects the parts that work on tables, and holds the state that they share during a call.

import { UNIT_BYTES } from '../arena/memory.js';
import { type StackProbe, stackProbe } from '../base/stack-reserve.js';
import type { Store } from '../store/store.js';
import { Additions } from './additions.js';
import type { Budget } from './budget.js';
import { ByteFreeing } from './bytes/byte-freeing.js';
import { ByteTree } from './bytes/byte-tree.js';
import { ByteWriter } from './bytes/byte-writer.js';
import { MethodError } from './call-errors.js';
import { FieldCursor } from './field-cursor.js';
import { Fields } from './fields.js';
import { Journal } from './journal.js';
import { NewObjects } from './new-objects.js';
import { ObjectMemory } from './object-memory.js';
import type { TableLocation } from './open-object.js';
import { OrderedChanges } from './ordered/ordered-changes.js';
import { OrderedFreeing } from './ordered/ordered-freeing.js';
import { OrderedJournal } from './ordered/ordered-journal.js';
import { OrderedMembers } from './ordered/ordered-members.js';
import { OrderedMover } from './ordered/ordered-mover.js';
import { OrderedNodes } from './ordered/ordered-nodes.js';
import { OrderedSearch } from './ordered/ordered-search.js';
import { OrderedUndo } from './ordered/ordered-undo.js';
import { OrderedWriter } from './ordered/ordered-writer.js';
import { PackedLists } from './packed-lists.js';
import { PartMover } from './part-mover.js';
import { PendingFree } from './pending-free.js';
import { PinnedObjects } from './pinned-objects.js';
import { RandomFields } from './random-fields.js';
import { KeyBytes, ValueBytes } from './scalars.js';
import { TableLayout } from './table-layout.js';
import { TableLocations } from './table-location.js';
import { TableMarks } from './table-marks.js';
import { TableMover } from './table-mover.js';
import { TableReader } from './table-reader.js';
import { TableStorage } from './table-storage.js';
import { OutOfMemoryError } from './table-store.js';
import { TableWriter } from './table-writer.js';

/** Steps of finding a table of which a method has a handle. */
const ENTERING_STEPS = 3;

/** @perThread */
export class TableParts {
  readonly found = new FieldCursor();
  readonly key: KeyBytes;
  readonly value: ValueBytes;
  readonly layout: TableLayout;
  readonly memory: ObjectMemory;
  readonly fields: Fields;
  readonly pinned: PinnedObjects;
  readonly condemned: PendingFree;
  readonly journal: Journal;
  readonly places: TableLocations;
  readonly containers: TableStorage;
  readonly newObjects: NewObjects;
  readonly walker: TableReader;
  readonly randomFields: RandomFields;
  readonly writer: TableWriter;
  readonly additions: Additions;
  readonly marks: TableMarks;
  readonly lists: PackedLists;
  readonly orderedNodes: OrderedNodes;
  readonly orderedMembers: OrderedMembers;
  readonly orderedSearch: OrderedSearch;
  readonly orderedJournal: OrderedJournal;
  readonly orderedChanges: OrderedChanges;
  readonly ordered: OrderedWriter;
  readonly byteTree: ByteTree;
  readonly byteWriter: ByteWriter;
  budget!: Budget;
  /** A change is in progress, or was interrupted: then the call cannot commit any more, even if its method catches the error. */
  isChanging = false;
  /** Throws when the stack may be too small for a change. */
  private readonly demandStack: StackProbe;
  /** Incremented when a call begins and when it ends: handles of another generation are invalid. */
  generation = 0;

  constructor(
    readonly store: Store,
    thread: number,
    /** The longest text that `join` and JSON may make. */
    readonly resultLimitBytes: number,
  ) {
    const { fieldKey, fieldValue } = store.arena.windows(thread);
    this.key = new KeyBytes(fieldKey.at, store.arena.bytes);
    this.value = new ValueBytes(fieldValue.at, store.arena.bytes);
    this.layout = new TableLayout(store.arena, store.items);
    this.memory = new ObjectMemory(store, thread);
    this.fields = new Fields(store, this.layout, this.memory);
    this.pinned = new PinnedObjects(store, this.fields);
    this.orderedNodes = new OrderedNodes(store.arena);
    this.orderedMembers = new OrderedMembers(store, this.fields, this.memory);
    this.orderedSearch = new OrderedSearch(store.arena, this.orderedMembers);
    this.byteTree = new ByteTree(store.arena, this.layout);
    const freeing = new OrderedFreeing(store, this.orderedNodes, this.orderedMembers);
    const byteFreeing = new ByteFreeing(store, this.byteTree);
    const undo = new OrderedUndo(store, this.layout, this.orderedNodes, this.orderedMembers);
    this.condemned = new PendingFree(store, this.fields, freeing, byteFreeing, this.pinned);
    this.journal = new Journal(store, this.fields, this.condemned, this.memory, undo);
    this.orderedJournal = new OrderedJournal(this.journal, this.layout, this.memory, this.orderedMembers);
    this.places = new TableLocations(store.arena, this.fields, this.found);
    this.containers = new TableStorage(store, this.fields, this.memory, this.journal, this.condemned, this.places);
    this.newObjects = new NewObjects(store, this.layout, this.journal, this.containers);
    this.walker = new TableReader(store, this.fields, this.journal, this.places, this.found);
    this.randomFields = new RandomFields(store, this.fields, this.walker, this.found);
    this.writer = new TableWriter(
      store,
      this.fields,
      this.memory,
      this.journal,
      this.places,
      this.containers,
      this.found,
    );
    this.additions = new Additions(this.fields, this.writer, this.found);
    this.marks = new TableMarks(this.layout, this.containers, this.journal);
    this.lists = new PackedLists(this.places, this.containers, this.writer, this.found);
    this.orderedChanges = new OrderedChanges(
      store.arena,
      this.fields,
      this.containers,
      this.orderedJournal,
      this.orderedNodes,
      this.orderedSearch,
    );
    this.ordered = new OrderedWriter(
      store.arena,
      this.fields,
      this.memory,
      this.containers,
      this.orderedJournal,
      this.orderedMembers,
      this.orderedSearch,
      this.orderedChanges,
    );
    this.byteWriter = new ByteWriter(
      store.arena,
      this.layout,
      this.memory,
      this.journal,
      this.containers,
      this.byteTree,
    );
    this.demandStack = stackProbe();
    this.#connect(store, this.fields);
  }

  /** Through these the store's index and its reclaimer handle objects. */
  #connect(store: Store, fields: Fields): void {
    store.lookup.fieldHash = (field) => fields.hashOf(field);
    store.largest.objectBytes = (item) => fields.blockWeight(item) * UNIT_BYTES;
    store.freeing.objects = this.condemned;
    store.retained.marks = this.pinned;
    const { layout, orderedMembers, orderedNodes, orderedSearch, byteTree, pinned } = this;
    const parts = new PartMover(store, layout, pinned);
    const ordered = new OrderedMover(store, layout, parts, orderedNodes, orderedMembers, orderedSearch);
    store.evacuation.objects = new TableMover(store, fields, parts, ordered, byteTree, pinned);
  }

  /** Makes the call's handles invalid, and gives back memory that few calls need. */
  endCall(): void {
    this.generation++;
    if (this.key.isLarge) this.key.trim();
    if (this.value.isLarge) this.value.trim();
  }

  /** Call this before reading a table. */
  enter(place: TableLocation, generation: number): void {
    this.demandCurrent(generation);
    this.places.resolve(place);
  }

  /** For handles, which are valid during one call. */
  demandCurrent(generation: number): void {
    if (generation !== this.generation) throw new MethodError('the table was kept beyond its call');
    this.budget.charge(ENTERING_STEPS);
  }

  enterToWrite(place: TableLocation, generation: number): void {
    this.demandStack(0);
    this.enter(place, generation);
    this.budget.chargeWrite();
    this.demandWritable(place);
  }

  /** The same for a change of a few bytes in place. */
  enterToPatch(place: TableLocation, generation: number): void {
    this.demandStack(0);
    this.enter(place, generation);
    this.budget.chargePatch();
    this.demandWritable(place);
  }

  private demandWritable(place: TableLocation): void {
    if (!place.object.writable) throw new MethodError('the object is open for reading only');
    if (this.isChanging) this.recover();
  }

  /** Call this before the first step of a change; `isChanging` is cleared after its last. */
  beginChange(): void {
    this.demandStack(0);
    if (this.isChanging) this.recover();
    this.isChanging = true;
  }

  /** When memory runs out the tables are intact, and the method may continue, though it cannot commit. */
  private recover(): void {
    if (!this.memory.isExhausted) throw this.cutShort();
    this.journal.dropLoose();
  }

  cutShort(): Error {
    if (this.memory.isExhausted) return new OutOfMemoryError('out of memory');
    return new MethodError('a change of a table was cut short, so that none of the call is kept');
  }
}
