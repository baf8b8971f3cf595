// The input in blocks of 256 KiB and more, of which whole records are seen in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "bpfc/expected.h"
#include "capture/file_descriptor.h"

namespace bpfc::capture {

class InputBuffer {
 public:
  explicit InputBuffer(const FileDescriptor& file);

  // Reads until `wanted` bytes stand at data(), or as many as the input still has: then, and only
  // then, available() is less. May move what data() pointed at. The buffer grows with the bytes
  // that arrive, not with what a damaged length claims. errno where reading fails.
  Expected<void, int> require(std::size_t wanted);

  const std::uint8_t* data() const { return storage_.get() + begin_; }
  std::size_t available() const { return end_ - begin_; }
  // Goes past `count` bytes, which must be available; they stay in place until require().
  void consume(std::size_t count);
  // Of data(), from the beginning of the input.
  std::uint64_t offset() const { return offset_; }

 private:
  void make_room(std::size_t wanted);

  const FileDescriptor& file_;
  std::unique_ptr<std::uint8_t[]> storage_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool at_end_ = false;
};

}  // namespace bpfc::capture
