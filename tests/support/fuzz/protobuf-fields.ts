import fc from 'fast-check';

/** Something done to one field of a protobuf message, found by walking into what may be messages. */
export type FieldMutation =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'wire-type'; readonly value: number }
  | { readonly kind: 'varint'; readonly value: bigint }
  | { readonly kind: 'length'; readonly by: number }
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  | { readonly kind: 'repeat'; readonly times: number }
  | { readonly kind: 'nest'; readonly times: number }
  | { readonly kind: 'drop' };

const varints = fc.constantFrom(0n, 1n, 127n, 128n, 0x7fffffffn, 0x80000000n, 0xffffffffffffffffn, 1n << 63n);
export const fieldMutation: fc.Arbitrary<FieldMutation> = fc.oneof(
  fc.record({ kind: fc.constant('number' as const), value: fc.oneof(fc.nat(40), fc.nat(0x1fffffff)) }),
  fc.record({ kind: fc.constant('wire-type' as const), value: fc.nat(7) }),
  fc.record({ kind: fc.constant('varint' as const), value: varints }),
  fc.record({
    kind: fc.constant('length' as const),
    by: fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(1 << 30)),
  }),
  fc.record({ kind: fc.constant('content' as const), bytes: fc.uint8Array({ maxLength: 60 }) }),
  fc.record({ kind: fc.constant('repeat' as const), times: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('nest' as const), times: fc.integer({ min: 1, max: 200 }) }),
  fc.constant({ kind: 'drop' as const }),
);

interface Field {
  readonly start: number;
  readonly end: number;
  readonly number: number;
  readonly type: number;
  /** Where its content begins, behind tag and length. */
  readonly body: number;
}

function varintAt(bytes: Uint8Array, at: number): { value: bigint; next: number } | null {
  let value = 0n;
  for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n, at++) {
    value |= BigInt(bytes[at]! & 127) << shift;
    if (bytes[at]! < 128) return { value, next: at + 1 };
  }
  return null;
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value & 0xffffffffffffffffn; ; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) return Buffer.from(bytes);
  }
}

/** The fields of a message, those inside of messages in it too, or null when the bytes are no message. */
function fieldsOf(bytes: Uint8Array, from = 0, to = bytes.length): Field[] | null {
  const fields: Field[] = [];
  for (let at = from; at < to;) {
    const tag = varintAt(bytes, at);
    if (tag === null || tag.value >> 3n === 0n || tag.next > to) return null;
    const type = Number(tag.value & 7n);
    let body = tag.next;
    let end: number;
    if (type === 0) {
      const value = varintAt(bytes, body);
      if (value === null) return null;
      end = value.next;
    } else if (type === 2) {
      const length = varintAt(bytes, body);
      if (length === null) return null;
      body = length.next;
      end = body + Number(length.value);
    } else if (type === 1 || type === 5) end = body + (type === 1 ? 8 : 4);
    else return null;
    if (end > to) return null;
    fields.push({ start: at, end, number: Number(tag.value >> 3n), type, body });
    if (type === 2 && end > body) fields.push(...(fieldsOf(bytes, body, end) ?? []));
    at = end;
  }
  return fields;
}

/** A message with one field changed; lengths around it are left as they were, as by somebody who forgot them. */
export function mutateField(message: Buffer, index: number, mutation: FieldMutation): Buffer {
  const fields = fieldsOf(message) ?? [];
  const field = fields[index % Math.max(1, fields.length)];
  if (field === undefined) return message;
  const whole = message.subarray(field.start, field.end);
  const content = message.subarray(field.body, field.end);
  const tag = (number: number, type: number): Buffer => varint((BigInt(number) << 3n) | BigInt(type));
  const replaced = (): Buffer => {
    switch (mutation.kind) {
      case 'number':
        return Buffer.concat([tag(mutation.value, field.type), whole.subarray(varintAt(whole, 0)!.next)]);
      case 'wire-type':
        return Buffer.concat([tag(field.number, mutation.value), whole.subarray(varintAt(whole, 0)!.next)]);
      case 'varint':
        return Buffer.concat([tag(field.number, 0), varint(mutation.value)]);
      case 'length':
        return Buffer.concat([
          tag(field.number, 2),
          varint(BigInt(Math.max(0, content.length + mutation.by))),
          content,
        ]);
      case 'content':
        return Buffer.concat([tag(field.number, 2), varint(BigInt(mutation.bytes.length)), mutation.bytes]);
      case 'repeat':
        return Buffer.concat(Array.from({ length: mutation.times + 1 }, () => whole));
      case 'nest': {
        let nested: Buffer = Buffer.from(content);
        for (let times = 0; times < mutation.times; times++)
          nested = Buffer.concat([tag(field.number, 2), varint(BigInt(nested.length)), nested]);
        return nested;
      }
      case 'drop':
        return Buffer.alloc(0);
    }
  };
  return Buffer.concat([message.subarray(0, field.start), replaced(), message.subarray(field.end)]);
}
