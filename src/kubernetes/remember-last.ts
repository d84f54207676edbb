/**
 * The function, with its last answer kept. Several checks ask the same about one object in a row; one entry is all that a
 * synchronous verdict needs, and it cannot grow.
 */
export function rememberLast<Asked, Answer>(read: (asked: Asked) => Answer): (asked: Asked) => Answer {
  let last: { readonly asked: Asked; readonly answer: Answer } | undefined;
  return (asked) => {
    if (last === undefined || last.asked !== asked) last = { asked, answer: read(asked) };
    return last.answer;
  };
}
