#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

namespace bpfc::cli {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";
constexpr std::uint64_t kPacketsBetweenLooks = 4096;

void write_line(std::string_view text) {
  // A progress line that cannot be written is no loss.
  const ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
  (void)ignored;
}

}  // namespace

Progress::~Progress() {
  if (shown_) write_line(kClearLine);
}

void Progress::update(std::uint64_t packets, std::uint64_t position,
                      std::optional<std::uint64_t> size) {
  if (!enabled_ || packets < next_look_) return;
  next_look_ = packets + kPacketsBetweenLooks;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(200);
  shown_ = true;
  constexpr std::uint64_t kMebibyte = 1U << 20U;
  write_line(size && *size > 0
                 ? fmt::format("{}{} packets, {}%", kClearLine, packets, position * 100 / *size)
                 : fmt::format("{}{} packets, {} MiB", kClearLine, packets, position / kMebibyte));
}

}  // namespace bpfc::cli
