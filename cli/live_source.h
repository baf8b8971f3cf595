// Where a capture takes its packets from, and what its file makes of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bpfc/compile.h"
#include "bpfc/expected.h"
#include "bpfc/saved_form.h"

namespace bpfc::cli {

struct LiveSource {
  std::string name;                   // of the interface, or any
  std::uint32_t interface_index = 0;  // 0: any
  const LinkType* link_type = nullptr;
  SavedForm form = SavedForm::kFrame;
  SocketOptions socket;
  std::optional<std::uint32_t> netmask;
  bool is_up = true;
};

// `interface`: a name, an index or `any`; empty: the first that is up, runs and is no loopback.
// `link_type`: what the file is to hold; none: what the interface has. An error: what is wrong.
Expected<LiveSource, std::string> find_live_source(const std::string& interface,
                                                   const LinkType* link_type);

}  // namespace bpfc::cli
