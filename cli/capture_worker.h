// One ring of a capture, and the thread that empties it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bpfc/packet_ring.h"
#include "cli/capture_sink.h"
#include "cli/live_filter.h"

namespace bpfc::cli {

struct WorkerOptions {
  SavedForm form = SavedForm::kFrame;
  std::uint16_t file_link_type = 1;
  std::uint32_t snaplen = 0;
};

// What has become of the packets that passed the kernel's filter. Those that are in no number here
// are in the ring still.
struct WorkerCounts {
  RingCounts ring;
  std::uint64_t rejected = 0;  // by the filter in user space
  std::uint64_t offered = 0;   // to the sink
};

class CaptureWorker {
 public:
  // `filter` and `sink` must outlive it. `say` is called from its thread with what a person should
  // know; `ended` once, when the thread has nothing more to do.
  CaptureWorker(PacketRing ring, const WorkerOptions& options, const LiveFilter& filter,
                CaptureSink& sink, std::function<void(const std::string&)> say,
                std::function<void()> ended);
  CaptureWorker(const CaptureWorker&) = delete;
  CaptureWorker& operator=(const CaptureWorker&) = delete;
  // Stops and waits.
  ~CaptureWorker();

  void start();
  // No packet that comes from now on is taken. What is in the ring still is, if `drain`.
  void stop(bool drain);
  void join();

  WorkerCounts counts() const;
  // Whether the interface went away.
  bool lost_interface() const { return lost_; }

 private:
  void run();
  bool take_blocks();
  bool take_block();
  bool wait();
  void drain();
  bool handle_fault();

  mutable PacketRing ring_;
  mutable std::mutex counting_;
  WorkerOptions options_;
  const LiveFilter& filter_;
  CaptureSink& sink_;
  std::function<void(const std::string&)> say_;
  std::function<void()> ended_;
  int wake_;                              // an eventfd
  std::vector<CapturedPacket> accepted_;  // of a block
  std::atomic<std::uint64_t> rejected_ = 0;
  std::atomic<std::uint64_t> offered_ = 0;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> drains_ = false;
  std::atomic<bool> lost_ = false;
  std::thread thread_;
};

}  // namespace bpfc::cli
