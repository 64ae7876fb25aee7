// An assignment such as `self.left = 3` is an error: the handle would store it, and it would be lost.

/** Assignments to names that the class has no member for end up in the prototype of its prototype. There this costs nothing, while making
    each handle inextensible takes 40 ns. */
export function refuseAssignments(prototype: object): void {
  const refusing = new Proxy(Object.create(Object.prototype) as object, {
    set: (_, name) => {
      throw new TypeError(`a table has no member '${String(name)}': fields are set by set('${String(name)}', value)`);
    },
  });
  Object.setPrototypeOf(prototype, refusing);
}
