import HTTPServer
import JSON

/// The messages of the map, as pages get them.
enum MapFrames {
    /// Length of a bucket.
    static let bucketMilliseconds = 1_000

    /// What is the same for all messages of this run.
    struct Context: Sendable {
        /// Changes with each start of the service.
        let epoch: String
        let networks: [(name: String, isOwn: Bool)]

        /// The members of a frame or a recording that say what they are of.
        func write(to frame: inout JSONWriter) {
            frame.member("epoch", epoch)
            frame.array("networks") { list in
                for network in networks {
                    list.object {
                        $0.member("name", network.name)
                        $0.member("own", network.isOwn)
                    }
                }
            }
        }
    }

    /// The state of the stream of events.
    struct StreamState: Sendable {
        /// Of so many events one is looked at.
        var sampling = 1
        /// Seconds since the epoch; 0 as long as there was none.
        var newestTime: Int64 = 0
        /// Why no events can come; nil when they can.
        var fault: String?
    }

    static func snapshot(
        _ graph: MapGraph, sequence: Int64, time: Int64, _ state: StreamState, _ context: Context
    ) -> [UInt8] {
        JSONWriter.object { frame in
            frame.member("type", "snapshot")
            context.write(to: &frame)
            frame.member("seq", sequence)
            frame.member("time", time)
            frame.member("bucket_ms", bucketMilliseconds)
            frame.member("window_s", graph.limits.bucketsKept * bucketMilliseconds / 1_000)
            frame.member("nodes", graph.nodes.values.sorted { $0.id < $1.id })
            frame.member("edges", graph.edges.values.sorted { $0.id < $1.id })
            frame.member("alerts", graph.incidents.filter(\.isAlert))
            frame.member("errors", graph.incidents.filter { !$0.isAlert })
            capped(graph, &frame)
            frame.member("sampling", state.sampling)
            frame.member("reason", state.fault)
        }
    }

    /// What a bucket has brought; in a quiet one only that the service is alive.
    static func delta(_ bucket: MapGraph.Bucket, _ graph: MapGraph, sequence: Int64, time: Int64) -> [UInt8] {
        JSONWriter.object { frame in
            frame.member("type", "delta")
            frame.member("seq", sequence)
            guard !bucket.isQuiet else { return }
            frame.member("time", time)
            frame.member("events", bucket.events)
            func list(_ name: String, _ elements: [some JSONWritable]) {
                if !elements.isEmpty { frame.member(name, elements) }
            }
            list("nodes+", bucket.changedNodes.sorted().compactMap { graph.node($0, of: bucket) })
            list("edges+", bucket.newEdges.compactMap { graph.edge($0, of: bucket)?.withoutTotals })
            if !bucket.pulses.isEmpty {
                frame.array("flash") { list in
                    for (edge, pulse) in bucket.pulses.sorted(by: { $0.key < $1.key }) {
                        list.value([
                            Int64(edge), pulse.flows, pulse.bytes, pulse.bad, Int64(pulse.severity),
                            pulse.medianMilliseconds,
                        ])
                    }
                }
            }
            list("alerts", bucket.alerts)
            list("errors", bucket.errors)
            list("edges-", bucket.removedEdges)
            list("nodes-", bucket.removedNodes)
            if graph.hiddenNodes.count + graph.hiddenEdges.count > 0 { capped(graph, &frame) }
        }
    }

    /// How the stream is, in events a second; what was left out is rounded up, so that it is never told as nothing.
    static func stats(
        events: Int, shown: Int, dropped: Int, seconds: Int, time: Int64, _ state: StreamState
    ) -> [UInt8] {
        JSONWriter.object { frame in
            frame.member("type", "stats")
            frame.member("time", time)
            frame.member("events_per_s", events / seconds)
            frame.member("shown", shown / seconds)
            frame.member("dropped", (dropped + seconds - 1) / seconds)
            frame.member("sampling", state.sampling)
            frame.member("newest", state.newestTime > 0 ? state.newestTime : nil)
            frame.member("reason", state.fault)
        }
    }

    /// What a page is told that was too slow.
    static func resync(missed: Int) -> WebSocketMessage {
        WebSocketMessage(
            utf8: JSONWriter.object {
                $0.member("type", "resync")
                $0.member("why", "lagged \(missed)")
            })
    }

    private static func capped(_ graph: MapGraph, _ frame: inout JSONWriter) {
        frame.object("capped") {
            $0.member("nodes", graph.hiddenNodes.count)
            $0.member("edges", graph.hiddenEdges.count)
        }
    }
}

extension MapEdge {
    /// The edge before anything came over it.
    var withoutTotals: MapEdge { MapEdge(id: id, key: key, lastTime: lastTime, lastBucket: lastBucket) }
}
