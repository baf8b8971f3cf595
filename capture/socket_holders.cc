#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "bpfc/packet_sockets.h"

namespace bpfc {
namespace {

namespace fs = std::filesystem;

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  Number number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Of the link `socket:[34567]`.
std::optional<std::uint32_t> socket_inode(std::string_view target) {
  constexpr std::string_view kStart = "socket:[";
  if (!target.starts_with(kStart) || !target.ends_with(']')) return std::nullopt;
  target.remove_prefix(kStart.size());
  target.remove_suffix(1);
  return parse<std::uint32_t>(target);
}

std::string command_of(const fs::path& process) {
  std::ifstream file(process / "comm", std::ios::binary);
  std::string command((std::istreambuf_iterator<char>(file)), {});
  if (!command.empty() && command.back() == '\n') command.pop_back();
  return command;
}

// Those of `inodes` that the process has open. False: they cannot be looked at.
bool find_open(const fs::path& process, const std::set<std::uint32_t>& inodes,
               std::set<std::uint32_t>& open) {
  const auto is_refusal = [](const std::error_code& error) {
    return error == std::errc::permission_denied || error == std::errc::operation_not_permitted;
  };
  // Processes and descriptors may go while they are looked at: no other error counts.
  std::error_code error;
  bool refused = false;
  fs::directory_iterator descriptor(process / "fd", error);
  for (; !error && descriptor != fs::directory_iterator(); descriptor.increment(error)) {
    std::error_code unread;
    const auto inode = socket_inode(fs::read_symlink(descriptor->path(), unread).native());
    if (inode && inodes.contains(*inode)) open.insert(*inode);
    refused = refused || is_refusal(unread);
  }
  return !refused && !is_refusal(error);
}

}  // namespace

SocketHolders find_socket_holders(const std::set<std::uint32_t>& inodes) {
  SocketHolders holders;
  std::error_code error;
  fs::directory_iterator entry("/proc", error);
  if (error) holders.complete = false;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const auto process = parse<std::int32_t>(entry->path().filename().native());
    if (!process) continue;
    std::set<std::uint32_t> open;
    if (!find_open(entry->path(), inodes, open)) holders.complete = false;
    if (open.empty()) continue;
    const std::string command = command_of(entry->path());
    for (const std::uint32_t inode : open) holders.by_inode[inode].push_back({*process, command});
  }
  for (auto& [inode, processes] : holders.by_inode) {
    std::sort(processes.begin(), processes.end(),
              [](const auto& a, const auto& b) { return a.process < b.process; });
  }
  return holders;
}

}  // namespace bpfc
