#include "cli/capture_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace bpfc::cli {
namespace {

constexpr const char* kStandardOutput = "-";

std::string formatted_time(const std::string& format, std::time_t time) {
  std::array<char, 4096> buffer{};
  std::tm local{};
  localtime_r(&time, &local);
  const std::size_t length = std::strftime(buffer.data(), buffer.size(), format.c_str(), &local);
  return length == 0 ? format : std::string(buffer.data(), length);
}

}  // namespace

Expected<CaptureFiles, std::string> CaptureFiles::open(CaptureFileOptions options,
                                                       const CaptureInterface& interface) {
  CaptureFiles files(std::move(options), interface);
  files.period_ = std::time(nullptr);
  if (auto error = files.open_next()) return tl::unexpected(*error);
  return files;
}

// With -W and -C, numbers of one width, from 0 on; without -W the first file has none.
std::string CaptureFiles::next_name() const {
  std::string name = options_.seconds ? formatted_time(options_.path, period_) : options_.path;
  if (!options_.bytes) return name;
  if (options_.files.value_or(1) > 1) {
    const std::size_t width = std::to_string(*options_.files - 1).size();
    name += fmt::format("{:0{}}", by_size_, width);
  } else if (by_size_ > 0) {
    name += std::to_string(by_size_);
  }
  return name;
}

std::optional<std::string> CaptureFiles::open_next() {
  const bool standard_output = options_.path == kStandardOutput;
  int descriptor = STDOUT_FILENO;
  name_ = standard_output ? "standard output" : next_name();
  if (!standard_output) {
    constexpr mode_t kMode = 0666;
    descriptor = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
    if (descriptor < 0) {
      return fmt::format("{}: {}", name_, std::generic_category().message(errno));
    }
  }
  auto writer = CaptureWriter::attach_pcap(
      descriptor, standard_output ? DescriptorOwnership::kBorrowed : DescriptorOwnership::kOwned,
      interface_);
  if (!writer) return render(writer.error(), name_);
  writer_.emplace(*std::move(writer));
  // Readers of a pipe and of a growing file see that it is one before the first packet.
  return flush();
}

std::optional<std::string> CaptureFiles::rotate() {
  const std::time_t now = std::time(nullptr);
  const bool by_time =
      options_.seconds && static_cast<std::uint64_t>(now - period_) >= *options_.seconds;
  const bool by_size = options_.bytes && writer_->size() > *options_.bytes;
  if (!by_time && !by_size) return std::nullopt;
  if (auto error = finish()) return error;
  if (by_time) {
    period_ = now;
    ++by_time_;
    by_size_ = 0;
    if (options_.files && !options_.bytes && by_time_ >= *options_.files) {
      complete_ = true;
      return std::nullopt;
    }
  } else {
    ++by_size_;
    if (options_.files && by_size_ >= *options_.files) by_size_ = 0;
  }
  return open_next();
}

std::optional<std::string> CaptureFiles::write(const CapturedPacket& packet) {
  if (auto error = rotate()) return error;
  if (complete_) return std::nullopt;
  if (auto written = writer_->write(packet); !written) return render(written.error(), name_);
  if (options_.flush_each_packet) return flush();
  return std::nullopt;
}

std::uint64_t CaptureFiles::written() const {
  return written_ + (writer_ ? writer_->packets_written() : 0);
}

std::optional<std::string> CaptureFiles::flush() {
  if (!writer_) return std::nullopt;
  if (auto flushed = writer_->flush(); !flushed) return render(flushed.error(), name_);
  return std::nullopt;
}

std::optional<std::string> CaptureFiles::finish() {
  if (!writer_) return std::nullopt;
  auto finished = writer_->finish();
  written_ += writer_->packets_written();
  writer_.reset();
  if (!finished) return render(finished.error(), name_);
  return std::nullopt;
}

}  // namespace bpfc::cli
