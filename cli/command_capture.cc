// bpfc -i INTERFACE: captures packets, live.
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "cli/capture_sink.h"
#include "cli/capture_worker.h"
#include "cli/command.h"
#include "cli/filter_programs.h"
#include "cli/live_filter.h"
#include "cli/live_source.h"
#include "cli/privileges.h"
#include "cli/stop_signals.h"

namespace bpfc::cli {
namespace {

// How long a packet may wait for company before it is read.
constexpr std::uint32_t kUsualMilliseconds = 50;
constexpr std::uint32_t kImmediateMilliseconds = 4;
// Signals so close to each other are one: timeout(1) sends two.
constexpr auto kOneWish = std::chrono::milliseconds(300);
// What several threads say within this time is said once.
constexpr auto kOneEvent = std::chrono::seconds(1);

using Clock = std::chrono::steady_clock;

std::string plural(std::uint64_t count, std::string_view what) {
  return fmt::format("{} packet{} {}\n", count, count == 1 ? "" : "s", what);
}

class Capture {
 public:
  Capture(const CaptureCommand& command, LiveSource source, LiveFilter filter, Terminal& terminal)
      : command_(command),
        source_(std::move(source)),
        filter_(std::move(filter)),
        terminal_(terminal),
        ended_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() { close(ended_); }

  int run() {
    auto rings = open_rings();
    if (!rings) return kBad;
    if (!command_.user.empty()) {
      if (const auto error = become_user(command_.user)) {
        terminal_.error(*error);
        return kBad;
      }
    }
    // Opening a named pipe waits for its reader, or for a signal.
    if (!open_output()) return kBad;
    // Before the threads, which inherit it.
    const StopSignals signals;
    say_what_begins();
    for (PacketRing& ring : *rings) add_worker(std::move(ring));
    rings->clear();
    for (const auto& worker : workers_) worker->start();
    wait(signals);
    for (const auto& worker : workers_) worker->join();
    const bool complete = sink_->finish();
    say_counts();
    bool lost = false;
    for (const auto& worker : workers_) lost = lost || worker->lost_interface();
    if (command_.count_only) {
      terminal_.print(fmt::format("{} packet{}\n", sink_->taken(), sink_->taken() == 1 ? "" : "s"));
      if (!terminal_.finish()) return kBad;
    }
    return complete && !lost ? kDone : kBad;
  }

 private:
  RingOptions ring_options() const {
    RingOptions options;
    options.interface_index = source_.interface_index;
    options.promiscuous = command_.promiscuous;
    options.bytes = command_.ring_bytes / command_.threads;
    options.milliseconds = command_.immediate ? kImmediateMilliseconds : kUsualMilliseconds;
    options.fanout = command_.threads > 1;
    return options;
  }

  // Nothing: why not has been said.
  std::optional<std::vector<PacketRing>> open_rings() {
    if (filter_.kernel_refused_length()) {
      terminal_.note("the filter is longer than the kernel takes: it runs in user space");
    }
    std::vector<PacketRing> rings;
    RingOptions options = ring_options();
    while (rings.size() < command_.threads) {
      auto ring = PacketRing::open(filter_.for_kernel(), options);
      if (!ring && may_filter_here(ring.error())) {
        terminal_.note(ring.error().message);
        terminal_.note("the filter runs in user space instead");
        filter_.decide_in_user_space();
        continue;
      }
      if (!ring) {
        terminal_.error(fmt::format("{}: {}", source_.name, ring.error().message));
        return std::nullopt;
      }
      options.fanout_group = ring->fanout_group();
      rings.push_back(*std::move(ring));
    }
    return rings;
  }

  // Whether it is the filter that the kernel does not take.
  bool may_filter_here(const SocketError& error) const {
    if (filter_.decides_in_user_space()) return false;
    return error.kind == SocketErrorKind::kRefused || error.kind == SocketErrorKind::kNoMemory;
  }

  bool open_output() {
    std::optional<CaptureFiles> files;
    if (!command_.files.path.empty()) {
      CaptureInterface interface;
      interface.link_type = source_.link_type->file_number;
      interface.snaplen = snaplen();
      interface.resolution = kNanoseconds;
      auto opened = CaptureFiles::open(command_.files, interface);
      if (!opened) {
        terminal_.error(opened.error());
        return false;
      }
      files = *std::move(opened);
    }
    const bool lines = command_.lines || (command_.files.path.empty() && !command_.count_only);
    sink_.emplace(SinkOptions{command_.limit, lines}, std::move(files), terminal_);
    return true;
  }

  std::uint32_t snaplen() const { return command_.filter.snaplen.value_or(kDefaultSnaplen); }

  void add_worker(PacketRing ring) {
    workers_.push_back(std::make_unique<CaptureWorker>(
        std::move(ring), WorkerOptions{source_.form, source_.link_type->file_number, snaplen()},
        filter_, *sink_, [this](const std::string& what) { say_once(what); },
        [this] {
          const std::uint64_t one = 1;
          (void)!write(ended_, &one, sizeof one);
        }));
  }

  // All rings see the same interface.
  void say_once(const std::string& what) {
    const std::lock_guard lock(saying_);
    const auto now = Clock::now();
    if (what == said_ && now - said_at_ < kOneEvent) return;
    said_ = what;
    said_at_ = now;
    terminal_.note(fmt::format("{}: {}", source_.name, what));
  }

  void say_what_begins() {
    if (!source_.is_up) terminal_.note(fmt::format("{} is down", source_.name));
    terminal_.note(fmt::format("listening on {}, link-type {} ({}), snapshot length {} bytes",
                               source_.name, source_.link_type->name,
                               source_.link_type->description, snaplen()));
    if (!command_.statistics) return;
    terminal_.note(fmt::format(
        "the kernel's filter has {} instructions, and {}", filter_.for_kernel().program().size(),
        filter_.kernel_decides() ? "decides on every packet" : "leaves packets to user space"));
  }

  // Until the user or a worker ends it.
  void wait(const StopSignals& signals) {
    bool stopping = false;
    Clock::time_point since;
    std::size_t running = workers_.size();
    while (running > 0) {
      pollfd ready[] = {{signals.descriptor(), POLLIN, 0}, {ended_, POLLIN, 0}};
      (void)poll(ready, std::size(ready), -1);
      while (const int signal = signals.next()) {
        if (signal == SIGUSR1) {
          say_counts();
        } else if (stopping) {
          if (Clock::now() - since > kOneWish) signals.die_of(signal);
        } else {
          stopping = true;
          since = Clock::now();
          for (const auto& worker : workers_) worker->stop(true);
        }
      }
      std::uint64_t count = 0;
      if (read(ended_, &count, sizeof count) == static_cast<ssize_t>(sizeof count)) {
        running -= count;
        // One that has its packets, or cannot go on, ends them all.
        if (!stopping) {
          for (const auto& worker : workers_) worker->stop(false);
        }
        stopping = true;
      }
    }
  }

  // As tcpdump does, and then what it does not tell.
  void say_counts() {
    WorkerCounts sum;
    for (const auto& worker : workers_) {
      const WorkerCounts counts = worker->counts();
      sum.ring.received += counts.ring.received;
      sum.ring.dropped += counts.ring.dropped;
      sum.rejected += counts.rejected;
      sum.offered += counts.offered;
    }
    const std::uint64_t taken = sink_->taken();
    const std::uint64_t lost = sink_->lost();
    std::string text = plural(taken, "captured") + plural(sum.ring.received, "received by filter") +
                       plural(sum.ring.dropped, "dropped by kernel");
    if (sum.rejected > 0) text += plural(sum.rejected, "rejected in user space");
    if (lost > 0) text += plural(lost, "not written");
    const std::uint64_t accounted = taken + lost + sum.ring.dropped + sum.rejected;
    if (sum.ring.received > accounted) {
      text += plural(sum.ring.received - accounted, "not read");
    }
    const std::lock_guard lock(saying_);
    terminal_.say(text);
  }

  const CaptureCommand& command_;
  LiveSource source_;
  LiveFilter filter_;
  Terminal& terminal_;
  std::mutex saying_;
  std::string said_;  // by say_once(), last
  Clock::time_point said_at_;
  int ended_;  // an eventfd that counts workers
  std::optional<CaptureSink> sink_;
  std::vector<std::unique_ptr<CaptureWorker>> workers_;
};

}  // namespace

int run(const CaptureCommand& command, Terminal& terminal) {
  const auto text = filter_text(command.filter);
  if (!text) {
    terminal.error(text.error());
    return kBad;
  }
  auto source = find_live_source(command.interface, command.filter.link_type);
  if (!source) {
    terminal.error(source.error());
    return kBad;
  }
  source->socket.direction = command.direction;
  auto filter = LiveFilter::make(command.filter, *text, *source, terminal);
  if (!filter) return kBad;
  if (command.print_program != nullptr) {
    const auto printed =
        command.print_program->print({filter->for_kernel().program(), text->text, Rules::kKernel});
    if (!printed) {
      terminal.error(printed.error());
      return kBad;
    }
    terminal.print(*printed);
    return terminal.finish() ? kDone : kBad;
  }
  return Capture(command, *std::move(source), *std::move(filter), terminal).run();
}

}  // namespace bpfc::cli
