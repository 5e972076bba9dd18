import { d as discard } from './index-BfJrmI27.js';
import 'node:fs/promises';
import 'node:path';
import 'events';

function report(tools, answer) {
    console.error(Object.keys(tools).length, "tools answered", answer);
    if (answer === "gone")
        void discard({ to: "nobody@example.org", subject: answer });
}

export { report };
