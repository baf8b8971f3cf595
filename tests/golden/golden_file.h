// Files of expected listings, one for each topic.
//
//   # comment
//   expression: tcp port 80
//   alias: tcp port http            another spelling that gives the same program; any number
//   link type: EN10MB
//   options: linux-ext netmask      or savefile=native, savefile=swapped; may be left out
//   optimized:
//   (000) ldh      [12]
//   ...
//   unoptimized:
//   ...
//   (an empty line ends the entry)
//
// `refused: MESSAGE` and `warning: MESSAGE` stand in the place of, or above, a listing.
#pragma once

#include <string>
#include <vector>

namespace bpfc::golden {

struct Entry {
  std::vector<std::string> comments;
  std::string expression;
  std::vector<std::string> aliases;
  std::string link_type;
  std::string options;
  std::string optimized;  // as printed, line breaks included
  std::string unoptimized;
};

std::vector<Entry> read_golden_file(const std::string& path);
void write_golden_file(const std::string& path, const std::vector<Entry>& entries);

}  // namespace bpfc::golden
