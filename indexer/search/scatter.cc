#include "indexer/search/scatter.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "indexer/query/budget.h"

namespace vigie::indexer::search {
namespace {

/// It would answer later: to leave its shards out would be wrong.
bool is_busy(const v1::PeerError& error) { return error.code() == "busy"; }

Error error_of(const v1::PeerError& error) {
  const Disposition disposition = error.caller()   ? Disposition::kQuarantine
                                  : is_busy(error) ? Disposition::kRetry
                                                   : Disposition::kStop;
  return Error{ErrorCode::from_text(error.code()), disposition, error.detail(), error.where()};
}

bool holds(const google::protobuf::RepeatedField<std::int32_t>& list, std::int32_t partition) {
  return std::find(list.begin(), list.end(), partition) != list.end();
}

}  // namespace

int rank_of(v1::PeerShard::State state) {
  return state == v1::PeerShard::STATE_SERVING ? 0 : state == v1::PeerShard::STATE_HELD ? 1 : 2;
}

struct ScatterGather::Returned {
  std::mutex mutex;
  std::condition_variable arrived;
  std::map<std::string, Result<v1::LeafResponse>> responses;  // by peer
};

ScatterGather::ScatterGather(Holdings here, std::size_t expected, Peers* peers)
    : peers_(peers), here_(std::move(here)), expected_(expected) {
  choose_processes(peers);
  if (expected_ == 0) expected_ = processes_.size();
}

void ScatterGather::choose_processes(Peers* peers) {
  struct Candidate {
    std::string process;
    int rank = 0;
    std::int64_t next_offset = 0;
  };
  std::map<std::int32_t, std::vector<Candidate>> candidates;
  // At home it costs least.
  for (const auto& [partition, holding] : here_)
    candidates[partition].push_back({std::string(), rank_of(holding.state), INT64_MAX});
  if (peers != nullptr) {
    for (const Peers::Claim& claim : peers->claims())
      candidates[claim.shard.partition()].push_back(
          {claim.peer, rank_of(claim.shard.state()), claim.shard.next_offset()});
  }
  for (std::size_t partition = 0; partition < expected_; ++partition)
    candidates[static_cast<std::int32_t>(partition)];
  for (auto& [partition, list] : candidates) {
    std::stable_sort(list.begin(), list.end(), [](const Candidate& a, const Candidate& b) {
      return a.rank != b.rank ? a.rank < b.rank : a.next_offset > b.next_offset;
    });
    std::vector<std::string>& processes = processes_[partition];
    for (Candidate& candidate : list) processes.push_back(std::move(candidate.process));
  }
}

Result<std::vector<v1::LeafResponse>> ScatterGather::ask(v1::LeafRequest question,
                                                         const query::Query* parsed,
                                                         const std::vector<std::int32_t>* only) {
  if (parsed != nullptr && parsed->budget != nullptr) {
    const auto left = std::max<std::int64_t>(1, parsed->budget->left().count());
    question.set_deadline_ms(static_cast<std::uint32_t>(left));
  }
  std::set<std::int32_t> open;
  for (const auto& [partition, processes] : processes_) {
    if (only == nullptr || std::find(only->begin(), only->end(), partition) != only->end())
      open.insert(partition);
  }
  std::vector<v1::LeafResponse> out;
  while (!open.empty()) {
    const ByProcess round = next_round(open);
    VIGIE_TRY(ask_round(question, parsed, round, open, out));
  }
  return out;
}

/// What each process is asked for next; shards that nobody has any more are missing.
ScatterGather::ByProcess ScatterGather::next_round(std::set<std::int32_t>& open) {
  ByProcess round;
  for (auto partition = open.begin(); partition != open.end();) {
    const std::vector<std::string>& processes = processes_[*partition];
    if (processes.empty()) {
      missing_.insert(*partition);
      partition = open.erase(partition);
      continue;
    }
    round[processes.front()].push_back(*partition);
    ++partition;
  }
  return round;
}

std::size_t ScatterGather::send_to_peers(v1::LeafRequest& question, const ByProcess& round,
                                         const std::shared_ptr<Returned>& returned) {
  std::size_t away = 0;
  for (const auto& [process, partitions] : round) {
    if (process.empty()) continue;
    question.mutable_partitions()->Assign(partitions.begin(), partitions.end());
    ++away;
    peers_->ask(process, question, [returned, peer = process](Result<v1::LeafResponse> response) {
      {
        const std::lock_guard lock(returned->mutex);
        returned->responses.insert_or_assign(peer, std::move(response));
      }
      returned->arrived.notify_one();
    });
  }
  return away;
}

Result<void> ScatterGather::ask_round(v1::LeafRequest& question, const query::Query* parsed,
                                      const ByProcess& round, std::set<std::int32_t>& open,
                                      std::vector<v1::LeafResponse>& out) {
  const auto returned = std::make_shared<Returned>();
  const std::size_t away = send_to_peers(question, round, returned);
  // While the others work.
  if (const auto home = round.find(std::string()); home != round.end()) {
    question.mutable_partitions()->Assign(home->second.begin(), home->second.end());
    v1::LeafResponse response = respond(question, parsed, here_);
    if (response.has_error()) return failure(error_of(response.error()));
    take(std::move(response), home->second, open, out);
  }
  std::unique_lock lock(returned->mutex);
  returned->arrived.wait(lock, [&] { return returned->responses.size() == away; });
  for (auto& [process, response] : returned->responses) {
    // What is wrong with the question every shard says; what is wrong with a peer concerns its
    // shards alone.
    if (response && response->has_error() &&
        (response->error().caller() || is_busy(response->error())))
      return failure(error_of(response->error()));
    const bool useful = response && !response->has_error();
    take(useful ? std::move(*response) : v1::LeafResponse(), round.at(process), open, out);
  }
  return {};
}

void ScatterGather::take(v1::LeafResponse response, const std::vector<std::int32_t>& asked,
                         std::set<std::int32_t>& open, std::vector<v1::LeafResponse>& out) {
  for (const std::int32_t partition : asked) {
    if (holds(response.answered(), partition)) {
      open.erase(partition);
    } else {
      std::vector<std::string>& processes = processes_[partition];
      processes.erase(processes.begin());  // the next one, if another claims it too
    }
  }
  restoring_.insert(response.restoring().begin(), response.restoring().end());
  if (response.answered_size() > 0) out.push_back(std::move(response));
}

Coverage ScatterGather::coverage() const {
  Coverage out;
  out.shards = expected_;
  out.missing.assign(missing_.begin(), missing_.end());
  out.restoring.assign(restoring_.begin(), restoring_.end());
  return out;
}

}  // namespace vigie::indexer::search
