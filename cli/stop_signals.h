// The signals that a capture answers, as events to wait for.
#pragma once

#include <csignal>

namespace bpfc::cli {

// SIGINT, SIGTERM, SIGHUP (unless it was ignored, as by nohup) and SIGUSR1 no longer interrupt
// anything in this thread and those it starts from now on, for good: what comes when the capture
// has ended does not cut short what is still to be said.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // For poll(): readable when a signal has come.
  int descriptor() const { return descriptor_; }
  // The next signal that has come; 0: none.
  int next() const;
  // Ends the process by the signal, as if nobody had waited for it.
  [[noreturn]] void die_of(int signal) const;

 private:
  int descriptor_;
};

}  // namespace bpfc::cli
