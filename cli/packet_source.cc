#include "cli/packet_source.h"

#include <unistd.h>

namespace bpfc::cli {

Expected<CaptureReader, CaptureError> open_capture(const std::string& path) {
  if (path == "-") return CaptureReader::attach(STDIN_FILENO, DescriptorOwnership::kBorrowed);
  return CaptureReader::open(path);
}

std::string capture_name(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace bpfc::cli
