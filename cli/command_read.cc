// bpfc -r FILE: picks packets out of a capture file.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "bpfc/interpreter.h"
#include "cli/batch_filter.h"
#include "cli/command.h"
#include "cli/filter_programs.h"
#include "cli/match_writer.h"
#include "cli/packet_source.h"
#include "cli/packet_summary.h"
#include "cli/progress.h"

namespace bpfc::cli {
namespace {

class Reading {
 public:
  Reading(const ReadCommand& command, FilterText text, CaptureReader reader, Terminal& terminal)
      : command_(command),
        reader_(std::move(reader)),
        terminal_(terminal),
        programs_(command.filter, std::move(text), Rules::kLibpcap, terminal) {}

  int run() {
    if (command_.print_program != nullptr || !command_.dump.empty()) return print_program();
    if (writes_to_its_input(command_.input, command_.output)) {
      terminal_.error(
          fmt::format("{}: input and output are the same file", capture_name(command_.input)));
      return kBad;
    }
    if (!begin()) return kBad;
    const bool complete = read_packets();
    if (writer_) {
      const auto error = writer_->finish();
      // A failure of the system has been said by the write that met it.
      if (error && error != write_error_) terminal_.error(*error);
      if (error) return kBad;
    }
    if (command_.count_only && !filter_failed_) {
      terminal_.print(fmt::format("{} packet{}\n", matched_, matched_ == 1 ? "" : "s"));
    }
    if (!terminal_.finish()) return kBad;
    if (command_.statistics) print_statistics();
    return complete ? kDone : kBad;
  }

 private:
  // A filter that does not compile says so, even of a capture without packets, and before it costs
  // the output file what it holds.
  bool begin() {
    const CaptureInterface& first = reader_.interfaces().front();
    const bool swapped = reader_.sections().front().swapped;
    const LinkType* const own = find_link_type_of_file(first.link_type);
    const LinkType* const chosen = command_.filter.link_type;
    if (chosen != nullptr && own != nullptr && chosen != own) {
      terminal_.note(
          fmt::format("the capture says {}, and is filtered as {} (-y)", own->name, chosen->name));
    }
    if (command_.output.empty()) return find_program(first.link_type, swapped) != nullptr;
    const CaptureSurvey known = survey(command_.input, reader_);
    for (const PacketKind& kind : known.kinds) {
      if (find_program(kind.link_type, kind.swapped) == nullptr) return false;
    }
    auto writer = MatchWriter::open(command_.output, known, swapped);
    if (!writer) {
      terminal_.error(writer.error());
      return false;
    }
    writer_.emplace(std::move(*writer));
    return true;
  }

  // The snaplen does not matter: only whether the verdict is 0 does.
  const VerifiedProgram* find_program(std::uint16_t link_type, bool swapped) {
    return programs_.find(link_type, swapped, kDefaultSnaplen);
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
    const bool more = command_.filter.link_type == nullptr && has_other_link_types();
    if (more) {
      terminal_.note(
          fmt::format("this is the program for {}; packets of other link types in the "
                      "file have programs of their own (-y)",
                      options.link_type->name));
    }
    CompileCommand compile;
    compile.filter = options;
    if (command_.print_program != nullptr) compile.format = command_.print_program;
    compile.dump = command_.dump;
    compile.statistics = command_.statistics;
    compile.time_passes = command_.time_passes;
    return cli::run(compile, terminal_);
  }

  bool has_other_link_types() const {
    const CaptureSurvey known = survey(command_.input, reader_);
    return std::any_of(known.kinds.begin(), known.kinds.end(), [&](const PacketKind& kind) {
      return kind.link_type != reader_.interfaces().front().link_type;
    });
  }

  // False: not to the end, and what stopped it has been said.
  bool read_packets() {
    const bool prints_lines = !writer_ && !command_.count_only;
    Progress progress(terminal_.may_show_progress(prints_lines));
    while (!is_enough()) {
      const auto batch = reader_.next_batch();
      if (!batch) {
        // What precedes the damage comes first.
        (void)terminal_.finish();
        terminal_.error(render(batch.error(), capture_name(command_.input)));
        return false;
      }
      if (batch->empty()) return true;
      for (auto left = *batch; !left.empty() && !is_enough();) {
        const auto some = of_one_kind(left);
        if (!filter(some)) return false;
        left = left.subspan(some.size());
      }
      progress.update(read_, reader_.position(), reader_.input_size());
    }
    return true;
  }

  bool is_enough() const {
    return terminal_.broken() || (command_.limit && matched_ >= *command_.limit);
  }

  // The first packets, as many as one program is for, whose views are put into views_.
  std::span<const CapturedPacket> of_one_kind(std::span<const CapturedPacket> packets) {
    const std::uint16_t link_type = packets.front().link_type;
    const bool swapped = packets.front().swapped;
    std::size_t count = 0;
    for (const CapturedPacket& packet : packets) {
      if (packet.link_type != link_type || packet.swapped != swapped) break;
      views_[count++] = view(packet);
    }
    return packets.first(count);
  }

  // Those of views_, until it is enough. False: as read_packets().
  bool filter(std::span<const CapturedPacket> packets) {
    const VerifiedProgram* program =
        find_program(packets.front().link_type, packets.front().swapped);
    if (program == nullptr) {
      ++read_;
      filter_failed_ = true;
      return false;
    }
    // Engines that are fast do not count.
    if (!command_.statistics) run_engine(*program, packets.size());
    const std::uint64_t read_before = read_;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      const std::uint32_t verdict = command_.statistics
                                        ? interpret(*program, to_packet(views_[i]), &executed_)
                                        : verdicts_[i];
      if (verdict == 0) continue;
      read_ = read_before + i + 1;
      ++matched_;
      if (!deliver(packets[i])) return false;
      if (is_enough()) return true;
    }
    read_ = read_before + packets.size();
    return true;
  }

  static PacketView view(const CapturedPacket& packet) {
    return {packet.data.data(), static_cast<std::uint32_t>(packet.data.size()), packet.wire_length};
  }

  // Fills verdicts_ for the first views.
  void run_engine(const VerifiedProgram& program, std::size_t count) {
    const auto engine = engines_.try_emplace(&program, program).first;
    engine->second.run(std::span(views_).first(count), verdicts_);
  }

  bool deliver(const CapturedPacket& packet) {
    if (writer_) {
      write_error_ = writer_->write(packet, reader_);
      if (write_error_) {
        terminal_.error(*write_error_);
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
  std::optional<std::string> write_error_;
  // The filter does not compile for a link type that comes late: a count would be no answer.
  bool filter_failed_ = false;
  std::map<const VerifiedProgram*, BatchFilter> engines_;
  std::array<PacketView, CaptureReader::kMostInBatch> views_;
  std::array<std::uint32_t, CaptureReader::kMostInBatch> verdicts_;
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
