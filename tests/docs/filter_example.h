// The filters that a manual page shows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bpfc::docs {

// A line of a block without commands: `EXPRESSION  # REMARK`. It is for the link types of the last
// line `# on NAME, NAME...` of its block, and needs the options of the last line `# with OPTION...`
// below that.
struct FilterExample {
  std::string expression;
  bool refused = false;                 // its remark begins with that word
  std::string same_as;                  // another filter, where the remark is `= EXPRESSION`
  std::vector<std::string> link_types;  // EN10MB where none is named
  std::vector<std::string> options;     // of bpfc's command line
  std::size_t line = 0;                 // from 1
};

std::vector<FilterExample> read_filters(const std::string& path);

}  // namespace bpfc::docs
