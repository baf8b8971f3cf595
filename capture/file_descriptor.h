// A descriptor that may have to be closed, and calls on it that survive signals and descriptors in
// non-blocking mode (a standard stream shared with another program can be).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bpfc/capture_reader.h"
#include "bpfc/expected.h"

namespace bpfc::capture {

class FileDescriptor {
 public:
  FileDescriptor(int number, DescriptorOwnership ownership)
      : number_(number), ownership_(ownership) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { close(); }

  // The number of bytes read, 0 at the end; or errno.
  Expected<std::size_t, int> read(std::uint8_t* bytes, std::size_t size) const;
  // The number of bytes written, which may be fewer than `size`; or errno.
  Expected<std::size_t, int> write(const std::uint8_t* bytes, std::size_t size) const;
  // Takes back the last bytes that were written to a regular file. Nothing where that is not
  // possible.
  void drop_end(std::uint64_t bytes) const;
  // 0 or errno. Does nothing to a borrowed descriptor, nor the second time.
  int close();
  // The bytes from the present position to the end of a regular file.
  std::optional<std::uint64_t> remaining_size() const;

 private:
  int number_;
  DescriptorOwnership ownership_;
};

}  // namespace bpfc::capture
