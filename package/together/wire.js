// Actions of pages, and of the message format, whose rates and places are whole millionths.

export function wire(action) {
  if (action?.seek !== undefined) return { seek: Math.round(action.seek * 1e6) };
  if (action?.rate !== undefined) return { rate: Math.round(action.rate * 1e6) };
  return action;
}

export function unwire(action) {
  if (action.seek !== undefined) return { seek: action.seek / 1e6 };
  if (action.rate !== undefined) return { rate: action.rate / 1e6 };
  return action;
}
