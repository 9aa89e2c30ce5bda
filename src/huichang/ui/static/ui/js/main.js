// The scripts of every page. Each module binds by delegation or by data attributes, so what htmx brings in works too.
import "./keyboard.js";
import "./dialog.js";
import "./toast.js";
import "./typeahead.js";
import "./autosubmit.js";
import "./drafts.js";
import "./countdown.js";
import "./rows.js";
import "./frame.js";
import "./rail.js";
