/** Hides one part of the page and shows another; the keyboard goes to `target` if it was in what is hidden. */
export function giveWay(hidden, shown, target) {
  const hadFocus = hidden.contains(document.activeElement);
  hidden.hidden = true;
  shown.hidden = false;
  if (hadFocus) target.focus();
}
