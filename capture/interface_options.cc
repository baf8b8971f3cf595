#include "capture/interface_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "capture/byte_order.h"
#include "capture/capture_error.h"
#include "capture/pcapng_format.h"

namespace bpfc::capture {
namespace {

// The options that are looked at: once each at most, of exactly this length.
struct KnownOption {
  OptionCode code;
  std::size_t length;
  const char* name;
};

constexpr KnownOption kKnownOptions[] = {
    {OptionCode::kEnd, 0, "opt_endofopt"},
    {OptionCode::kTimeResolution, 1, "if_tsresol"},
    {OptionCode::kTimeOffset, 8, "if_tsoffset"},
};

}  // namespace

Expected<TimeScale, CaptureError> read_interface_options(std::span<const std::uint8_t> options,
                                                         bool swapped, std::uint64_t offset,
                                                         CaptureInterface& interface) {
  std::uint32_t seen = 0;
  bool at_end = false;
  while (!at_end && !options.empty()) {
    // What a block holds is a multiple of 4 bytes, as is an option: a header is whole.
    const auto code = static_cast<OptionCode>(load<std::uint16_t>(options.data(), swapped));
    const std::size_t length = load<std::uint16_t>(options.data() + 2, swapped);
    if (kOptionHeaderSize + padded(length) > options.size()) {
      return damaged(offset, "an option of an interface runs over the end of its block");
    }
    const std::uint8_t* value = options.data() + kOptionHeaderSize;
    const auto* known = std::ranges::find(kKnownOptions, code, &KnownOption::code);
    if (known != std::end(kKnownOptions)) {
      if (length != known->length) {
        return damaged(offset, fmt::format("an interface's option {} has {} bytes, not {}",
                                           known->name, length, known->length));
      }
      const std::uint32_t bit = 1U << static_cast<std::uint32_t>(code);
      if ((seen & bit) != 0) {
        return damaged(offset, fmt::format("an interface has two options {}", known->name));
      }
      seen |= bit;
    }
    switch (code) {
      case OptionCode::kEnd:
        at_end = true;
        break;
      case OptionCode::kTimeResolution:
        interface.resolution = {*value};
        break;
      case OptionCode::kTimeOffset:
        interface.time_offset = static_cast<std::int64_t>(load<std::uint64_t>(value, swapped));
        break;
    }
    options = options.subspan(kOptionHeaderSize + padded(length));
  }
  const auto scale = TimeScale::make(interface.resolution, interface.time_offset);
  if (!scale) {
    return damaged(offset,
                   fmt::format("an interface's if_tsresol {:#04x} is finer than 64 bits can count",
                               interface.resolution.code));
  }
  return *scale;
}

}  // namespace bpfc::capture
