#include "capture/file_descriptor.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace bpfc::capture {
namespace {

// Repeats a read or write until it is done or fails for good.
template <typename Call>
Expected<std::size_t, int> persist(int descriptor, short event, Call call) {
  while (true) {
    const ssize_t result = call();
    if (result >= 0) return static_cast<std::size_t>(result);
    const int error = errno;
    if (error == EINTR) continue;
    if (error != EAGAIN) return Unexpected<int>(error);
    pollfd wait{descriptor, event, 0};
    if (poll(&wait, 1, -1) < 0 && errno != EINTR) return Unexpected<int>(errno);
  }
}

}  // namespace

Expected<std::size_t, int> FileDescriptor::read(std::uint8_t* bytes, std::size_t size) const {
  return persist(number_, POLLIN, [&] { return ::read(number_, bytes, size); });
}

Expected<std::size_t, int> FileDescriptor::write(const std::uint8_t* bytes,
                                                 std::size_t size) const {
  return persist(number_, POLLOUT, [&] { return ::write(number_, bytes, size); });
}

void FileDescriptor::drop_end(std::uint64_t bytes) const {
  struct stat status = {};
  if (bytes == 0 || fstat(number_, &status) != 0 || !S_ISREG(status.st_mode)) return;
  const off_t end = lseek(number_, 0, SEEK_CUR);
  const auto dropped = static_cast<off_t>(bytes);
  // Something else may have written behind it.
  if (end != status.st_size || end < dropped) return;
  if (ftruncate(number_, end - dropped) == 0) (void)lseek(number_, end - dropped, SEEK_SET);
}

int FileDescriptor::close() {
  if (ownership_ == DescriptorOwnership::kBorrowed || number_ < 0) return 0;
  // Linux frees the descriptor even when close() fails.
  const int result = ::close(number_);
  number_ = -1;
  return result == 0 ? 0 : errno;
}

std::optional<std::uint64_t> FileDescriptor::remaining_size() const {
  struct stat status = {};
  if (fstat(number_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const off_t position = lseek(number_, 0, SEEK_CUR);
  if (position < 0 || position > status.st_size) return std::nullopt;
  return static_cast<std::uint64_t>(status.st_size - position);
}

}  // namespace bpfc::capture
