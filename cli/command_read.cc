// bpfc -r FILE: picks packets out of a capture file.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "bpfc/capture_writer.h"
#include "bpfc/interpreter.h"
#include "cli/command.h"
#include "cli/filter_programs.h"
#include "cli/packet_source.h"
#include "cli/packet_summary.h"
#include "cli/progress.h"

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

// Writes the packets that match: as pcap, or as pcapng where several link types are in the input.
// Of a file all interfaces are looked for first; of a pipe those count that precede the first
// match.
class MatchWriter {
 public:
  static Expected<MatchWriter, std::string> open(const std::string& path,
                                                 const CaptureReader& reader,
                                                 const std::string& input) {
    std::vector<CaptureInterface> interfaces(reader.interfaces().begin(),
                                             reader.interfaces().end());
    if (reader.input_size() && input != "-") add_later_interfaces(input, interfaces);
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
    const bool pcapng = !one_link_type(interfaces);
    const bool swapped = reader.sections().front().swapped;
    auto writer = pcapng ? CaptureWriter::attach_pcapng(descriptor, ownership)
                         : CaptureWriter::attach_pcap(descriptor, ownership,
                                                      common_interface(interfaces), swapped);
    const std::string name = standard_output ? "standard output" : path;
    if (!writer) return tl::unexpected(render(writer.error(), name));
    return MatchWriter(std::move(*writer), name, interfaces.front().link_type, pcapng);
  }

  // What went wrong, or nothing.
  std::optional<std::string> write(const CapturedPacket& packet, const CaptureReader& reader) {
    std::uint32_t target = 0;
    if (pcapng_) {
      const auto interfaces = reader.interfaces();
      while (added_ <= packet.interface) {
        if (auto added = writer_.add_interface(interfaces[added_]); !added) {
          return render(added.error(), name_);
        }
        ++added_;
      }
      target = packet.interface;
    } else if (packet.link_type != link_type_) {
      return fmt::format(
          "{}: a pcap file was begun, and packets of a second link type follow; "
          "read the capture from a file, not from a pipe",
          name_);
    }
    if (auto written = writer_.write(packet, target); !written) {
      return render(written.error(), name_);
    }
    return std::nullopt;
  }

  std::optional<std::string> finish() {
    if (auto finished = writer_.finish(); !finished) return render(finished.error(), name_);
    return std::nullopt;
  }

 private:
  MatchWriter(CaptureWriter writer, std::string name, std::uint16_t link_type, bool pcapng)
      : writer_(std::move(writer)),
        name_(std::move(name)),
        link_type_(link_type),
        pcapng_(pcapng) {}

  // Damage further on is for the reading to find.
  static void add_later_interfaces(const std::string& input,
                                   std::vector<CaptureInterface>& interfaces) {
    auto scan = open_capture(input);
    if (!scan || scan->format() == CaptureFormat::kPcap) return;
    for (auto packet = scan->next(); packet && *packet != nullptr; packet = scan->next()) {
    }
    interfaces.assign(scan->interfaces().begin(), scan->interfaces().end());
  }

  CaptureWriter writer_;
  std::string name_;
  std::uint16_t link_type_;
  bool pcapng_;
  std::uint32_t added_ = 0;
};

class Reading {
 public:
  Reading(const ReadCommand& command, FilterText text, CaptureReader reader, Terminal& terminal)
      : command_(command),
        reader_(std::move(reader)),
        terminal_(terminal),
        programs_(command.filter, std::move(text), Rules::kLibpcap, terminal) {}

  int run() {
    if (command_.print_program || !command_.dump.empty()) return print_program();
    if (!command_.output.empty() && !open_output()) return kBad;
    // A filter that does not compile says so, even of a capture without packets.
    const CaptureInterface& first = reader_.interfaces().front();
    if (programs_.find(first.link_type, reader_.sections().front().swapped, first.snaplen) ==
        nullptr) {
      return kBad;
    }
    const bool complete = read_packets();
    if (writer_) {
      if (const auto error = writer_->finish()) {
        terminal_.error(*error);
        return kBad;
      }
    }
    if (command_.count_only) {
      terminal_.print(fmt::format("{} packet{}\n", matched_, matched_ == 1 ? "" : "s"));
    }
    if (!terminal_.finish()) return kBad;
    if (command_.statistics) print_statistics();
    return complete ? kDone : kBad;
  }

 private:
  bool open_output() {
    auto writer = MatchWriter::open(command_.output, reader_, command_.input);
    if (!writer) {
      terminal_.error(writer.error());
      return false;
    }
    writer_.emplace(std::move(*writer));
    return true;
  }

  int print_program() {
    FilterOptions options = command_.filter;
    const CaptureInterface& first = reader_.interfaces().front();
    if (options.link_type == nullptr) options.link_type = find_link_type_of_file(first.link_type);
    if (options.link_type == nullptr) {
      terminal_.error(fmt::format("{}: link type {} is not known", capture_name(command_.input),
                                  first.link_type));
      return kBad;
    }
    if (options.target == Target::kPlain) {
      options.target =
          reader_.sections().front().swapped ? Target::kSwappedSavefile : Target::kNativeSavefile;
    }
    if (!options.snaplen) options.snaplen = first.snaplen;
    CompileCommand compile;
    compile.filter = options;
    compile.format = command_.print_program.value_or(ListingFormat::kListing);
    compile.dump = command_.dump;
    compile.statistics = command_.statistics;
    return cli::run(compile, terminal_);
  }

  // False: not to the end, and what stopped it has been said.
  bool read_packets() {
    Progress progress(terminal_.stderr_is_terminal());
    while (!terminal_.broken() && (!command_.limit || matched_ < *command_.limit)) {
      const auto next = reader_.next();
      if (!next) {
        terminal_.error(render(next.error(), capture_name(command_.input)));
        return false;
      }
      if (*next == nullptr) return true;
      const CapturedPacket& packet = **next;
      ++read_;
      const VerifiedProgram* program = programs_.find(
          packet.link_type, packet.swapped, reader_.interfaces()[packet.interface].snaplen);
      if (program == nullptr) return false;
      if (interpret(*program, {.captured = packet.data, .wire_length = packet.wire_length},
                    &executed_) != 0) {
        ++matched_;
        if (!deliver(packet)) return false;
      }
      progress.update(read_, reader_.position(), reader_.input_size());
    }
    return true;
  }

  bool deliver(const CapturedPacket& packet) {
    if (writer_) {
      if (const auto error = writer_->write(packet, reader_)) {
        terminal_.error(*error);
        return false;
      }
    } else if (!command_.count_only) {
      terminal_.print(packet_line(read_, packet));
    }
    return true;
  }

  void print_statistics() {
    const double mean =
        read_ == 0 ? 0 : static_cast<double>(executed_) / static_cast<double>(read_);
    terminal_.note(fmt::format("{} of {} packets match; {:.1f} instructions executed a packet",
                               matched_, read_, mean));
  }

  const ReadCommand& command_;
  CaptureReader reader_;
  Terminal& terminal_;
  FilterPrograms programs_;
  std::optional<MatchWriter> writer_;
  std::uint64_t read_ = 0;
  std::uint64_t matched_ = 0;
  std::uint64_t executed_ = 0;
};

}  // namespace

int run(const ReadCommand& command, Terminal& terminal) {
  auto text = filter_text(command.filter);
  if (!text) {
    terminal.error(text.error());
    return kBad;
  }
  auto reader = open_capture(command.input);
  if (!reader) {
    terminal.error(render(reader.error(), capture_name(command.input)));
    return kBad;
  }
  return Reading(command, std::move(*text), std::move(*reader), terminal).run();
}

}  // namespace bpfc::cli
