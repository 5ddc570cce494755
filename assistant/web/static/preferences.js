// What the visitor chose in the settings, kept in this browser.
const KEY = "preferences";
const NONE = { model: "", k: null, language: "", published_from: null, published_to: null };

export function preferences() {
  return { ...NONE, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
}

export function prefer(changed) {
  localStorage.setItem(KEY, JSON.stringify({ ...preferences(), ...changed }));
}

export function forgetPreferences() {
  localStorage.removeItem(KEY);
}
