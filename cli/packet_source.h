// Opens capture files by name, - being standard input.
#pragma once

#include <string>

#include "bpfc/capture_reader.h"

namespace bpfc::cli {

Expected<CaptureReader, CaptureError> open_capture(const std::string& path);

// What messages call it.
std::string capture_name(const std::string& path);

}  // namespace bpfc::cli
