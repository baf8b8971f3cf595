#include "capture/input_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bpfc::capture {
namespace {

// Small enough to stay in a processor's second cache until it has been looked at.
constexpr std::size_t kBlockSize = std::size_t{256} << 10U;

}  // namespace

InputBuffer::InputBuffer(const FileDescriptor& file)
    : file_(file),
      storage_(std::make_unique_for_overwrite<std::uint8_t[]>(kBlockSize)),
      capacity_(kBlockSize) {}

// Leaves room for at least one byte behind end_, given that fewer than `wanted` are available.
void InputBuffer::make_room(std::size_t wanted) {
  if (begin_ + wanted <= capacity_) return;
  const std::size_t kept = available();
  if (kept == capacity_) {
    const std::size_t grown = 2 * capacity_;
    auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(grown);
    std::memcpy(larger.get(), data(), kept);
    storage_ = std::move(larger);
    capacity_ = grown;
  } else if (begin_ > 0) {
    std::memmove(storage_.get(), data(), kept);
  }
  begin_ = 0;
  end_ = kept;
}

Expected<void, int> InputBuffer::require(std::size_t wanted) {
  while (available() < wanted && !at_end_) {
    make_room(wanted);
    const auto count = file_.read(storage_.get() + end_, capacity_ - end_);
    if (!count) return Unexpected<int>(count.error());
    end_ += *count;
    at_end_ = *count == 0;
  }
  return {};
}

void InputBuffer::consume(std::size_t count) {
  begin_ += count;
  offset_ += count;
}

}  // namespace bpfc::capture
