// What is measured beside others: a filter in an engine, run over packets.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "bpfc/packet.h"

namespace bpfc::measure {

struct Contender {
  std::string name;
  // Runs on every packet, in order, and returns the sum of the verdicts: the same for all that are
  // measured beside each other. What it uses must outlive it.
  std::function<std::uint64_t(std::span<const PacketView>)> run;
};

// The loop of every contender that takes one packet at a time.
template <typename Call>
std::uint64_t sum_of_verdicts(std::span<const PacketView> packets, Call call) {
  std::uint64_t sum = 0;
  for (const PacketView& packet : packets) sum += call(packet);
  return sum;
}

}  // namespace bpfc::measure
