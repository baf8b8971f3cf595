#include "cli/match_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "cli/packet_source.h"

namespace bpfc::cli {
namespace {

// Whether the interfaces can share a pcap file.
bool one_link_type(std::span<const CaptureInterface> interfaces) {
  return std::all_of(interfaces.begin(), interfaces.end(), [&](const CaptureInterface& other) {
    return other.link_type == interfaces.front().link_type;
  });
}

// The interface of a pcap file that holds packets of all of them.
CaptureInterface common_interface(std::span<const CaptureInterface> interfaces) {
  CaptureInterface common = interfaces.front();
  common.time_offset = 0;
  for (const CaptureInterface& other : interfaces) {
    common.snaplen = std::max(common.snaplen, other.snaplen);
    const bool binary = (other.resolution.code & 0x80U) != 0;
    if (binary || other.resolution.code > kMicroseconds.code) common.resolution = kNanoseconds;
  }
  return common;
}

// The address family of NULL is in the byte order of the file.
constexpr std::uint16_t kNullLinkType = 0;
constexpr std::size_t kFamilySize = 4;

}  // namespace

CaptureSurvey survey(const std::string& path, const CaptureReader& reader) {
  CaptureSurvey result;
  const auto take_interfaces = [&](const CaptureReader& from) {
    result.interfaces.assign(from.interfaces().begin(), from.interfaces().end());
  };
  take_interfaces(reader);
  if (reader.input_size() && path != "-" && reader.format() == CaptureFormat::kPcapng) {
    auto scan = open_capture(path);
    if (scan) {
      for (auto packet = scan->next(); packet && *packet != nullptr; packet = scan->next()) {
        const PacketKind kind{(*packet)->link_type, (*packet)->swapped};
        if (std::find(result.kinds.begin(), result.kinds.end(), kind) == result.kinds.end()) {
          result.kinds.push_back(kind);
        }
      }
      take_interfaces(*scan);
    }
  }
  if (result.kinds.empty()) {
    result.kinds.push_back(
        {reader.interfaces().front().link_type, reader.sections().front().swapped});
  }
  return result;
}

bool writes_to_its_input(const std::string& input, const std::string& output) {
  struct stat from = {};
  struct stat into = {};
  const bool known = (input == "-" ? fstat(STDIN_FILENO, &from) : stat(input.c_str(), &from)) == 0;
  const bool to_standard_output = output.empty() || output == "-";
  const bool exists =
      (to_standard_output ? fstat(STDOUT_FILENO, &into) : stat(output.c_str(), &into)) == 0;
  return known && exists && S_ISREG(from.st_mode) && from.st_dev == into.st_dev &&
         from.st_ino == into.st_ino;
}

Expected<MatchWriter, std::string> MatchWriter::open(const std::string& path,
                                                     const CaptureSurvey& survey, bool swapped) {
  const bool standard_output = path == "-";
  int descriptor = STDOUT_FILENO;
  if (!standard_output) {
    constexpr mode_t kMode = 0666;
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode);
    if (descriptor < 0) {
      return tl::unexpected(fmt::format("{}: {}", path, std::generic_category().message(errno)));
    }
  }
  const auto ownership =
      standard_output ? DescriptorOwnership::kBorrowed : DescriptorOwnership::kOwned;
  const bool pcapng = !one_link_type(survey.interfaces);
  auto writer = pcapng ? CaptureWriter::attach_pcapng(descriptor, ownership, swapped)
                       : CaptureWriter::attach_pcap(descriptor, ownership,
                                                    common_interface(survey.interfaces), swapped);
  std::string name = standard_output ? "standard output" : path;
  if (!writer) return tl::unexpected(render(writer.error(), name));
  MatchWriter result(std::move(*writer), std::move(name));
  result.link_type_ = survey.interfaces.front().link_type;
  result.swapped_ = swapped;
  result.pcapng_ = pcapng;
  // All of them, packets or none: a pcapng file without interfaces is one that nobody reads.
  if (pcapng) {
    if (auto error = result.add_interfaces(survey.interfaces)) return tl::unexpected(*error);
  }
  return result;
}

std::optional<std::string> MatchWriter::add_interfaces(
    std::span<const CaptureInterface> interfaces) {
  for (; interfaces_added_ < interfaces.size(); ++interfaces_added_) {
    if (auto added = writer_.add_interface(interfaces[interfaces_added_]); !added) {
      return render(added.error(), name_);
    }
  }
  return std::nullopt;
}

std::optional<std::string> MatchWriter::write(const CapturedPacket& packet,
                                              const CaptureReader& reader) {
  if (pcapng_) {
    if (auto error = add_interfaces(reader.interfaces().first(packet.interface + 1U))) return error;
  } else if (packet.link_type != link_type_) {
    return fmt::format(
        "{}: a pcap file was begun, and packets of a second link type follow; "
        "read the capture from a file, not from a pipe",
        name_);
  }
  CapturedPacket copy = packet;
  if (packet.swapped != swapped_ && packet.link_type == kNullLinkType &&
      packet.data.size() >= kFamilySize) {
    turned_.assign(packet.data.begin(), packet.data.end());
    std::reverse(turned_.begin(), turned_.begin() + kFamilySize);
    copy.data = turned_;
  }
  if (auto written = writer_.write(copy, pcapng_ ? packet.interface : 0); !written) {
    return render(written.error(), name_);
  }
  return std::nullopt;
}

std::optional<std::string> MatchWriter::finish() {
  if (auto finished = writer_.finish(); !finished) return render(finished.error(), name_);
  return std::nullopt;
}

}  // namespace bpfc::cli
