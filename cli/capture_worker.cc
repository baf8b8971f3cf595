#include "cli/capture_worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>

namespace bpfc::cli {
namespace {

using Clock = std::chrono::steady_clock;

// The kernel closes a block that has been open for the ring's milliseconds.
constexpr auto kLongestPause = std::chrono::seconds(1);
constexpr int kDrainStep = 10;  // milliseconds

}  // namespace

CaptureWorker::CaptureWorker(PacketRing ring, const WorkerOptions& options,
                             const LiveFilter& filter, CaptureSink& sink,
                             std::function<void(const std::string&)> say,
                             std::function<void()> ended)
    : ring_(std::move(ring)),
      options_(options),
      filter_(filter),
      sink_(sink),
      say_(std::move(say)),
      ended_(std::move(ended)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

CaptureWorker::~CaptureWorker() {
  stop(false);
  join();
  if (wake_ >= 0) close(wake_);
}

void CaptureWorker::start() {
  thread_ = std::thread([this] { run(); });
}

void CaptureWorker::stop(bool drain) {
  drains_ = drain;
  stopped_ = true;
  // An error leaves the packets that come now to be counted as not read.
  (void)ring_.shut();
  const std::uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
}

void CaptureWorker::join() {
  if (thread_.joinable()) thread_.join();
}

WorkerCounts CaptureWorker::counts() const {
  const std::lock_guard lock(counting_);
  return {ring_.counts(), rejected_, offered_};
}

void CaptureWorker::run() {
  while (!stopped_ && take_blocks() && wait()) {
  }
  if (stopped_ && drains_) drain();
  ended_();
}

// All that are ready. False: no more packets are wanted.
bool CaptureWorker::take_blocks() {
  while (ring_.take_block()) {
    const bool more = take_block();
    ring_.release_block();
    if (!more) return false;
    if (stopped_ && !drains_) return false;
  }
  return sink_.flush();
}

bool CaptureWorker::take_block() {
  accepted_.clear();
  while (LivePacket* packet = ring_.next()) {
    CapturedPacket saved = save(*packet, options_.form);
    if (!filter_.accepts(*packet, saved)) {
      ++rejected_;
      continue;
    }
    saved.data = saved.data.first(std::min<std::size_t>(saved.data.size(), options_.snaplen));
    saved.link_type = options_.file_link_type;
    accepted_.push_back(saved);
  }
  offered_ += accepted_.size();
  return sink_.take(accepted_);
}

// For a packet, for stop(), or for something to happen to the interface. False: it is gone.
bool CaptureWorker::wait() {
  pollfd ready[] = {{ring_.descriptor(), POLLIN, 0}, {wake_, POLLIN, 0}};
  (void)poll(ready, std::size(ready), -1);
  return (ready[0].revents & POLLERR) == 0 || handle_fault();
}

bool CaptureWorker::handle_fault() {
  const auto fault = ring_.fault();
  if (!fault) return true;
  if (fault->kind == SocketErrorKind::kInterfaceDown) {
    say_(fault->message + ": waiting for it to come up again");
    return true;
  }
  lost_ = true;
  say_(fault->message);
  drain();
  return false;
}

// What the kernel has counted comes out of the ring, sooner or later: its last block when its time
// is over.
void CaptureWorker::drain() {
  std::uint64_t before = 0;
  auto limit = Clock::now() + kLongestPause;
  while (take_blocks() && Clock::now() < limit) {
    const WorkerCounts so_far = counts();
    const std::uint64_t taken = so_far.offered + so_far.rejected;
    if (taken + so_far.ring.dropped >= so_far.ring.received) return;
    if (taken > before) limit = Clock::now() + kLongestPause;
    before = taken;
    pollfd ready{ring_.descriptor(), POLLIN, 0};
    (void)poll(&ready, 1, kDrainStep);
  }
}

}  // namespace bpfc::cli
