#include <fmt/format.h>

#include "bpfc/link_type.h"
#include "cli/command.h"

namespace bpfc::cli {

int list_link_types(Terminal& terminal) {
  terminal.print("name                        DLT  in files  description\n");
  for (const LinkType& row : link_types()) {
    terminal.print(fmt::format("{:<26}  {:>3}  {:>8}  {}\n", row.name, row.number, row.file_number,
                               row.description));
  }
  return terminal.finish() ? kDone : kBad;
}

}  // namespace bpfc::cli
