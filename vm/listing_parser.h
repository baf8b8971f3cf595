// Reads what to_listing() and tcpdump -d print.
#pragma once

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"
#include "bpfc/program.h"
#include "vm/text_cursor.h"

namespace bpfc {

// From the cursor to the end of the text; blank lines are skipped.
Expected<Program, Diagnostic> parse_listing(TextCursor cursor);

}  // namespace bpfc
