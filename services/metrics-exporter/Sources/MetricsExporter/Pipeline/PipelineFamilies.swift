import EventContract
import Metrics

/// The metrics of what a look at Redis has found.
enum PipelineFamilies {
    static func families(_ sample: PipelineSample) -> [MeasuredFamily] {
        redis(sample) + streams(sample) + groups(sample) + totals(sample) + sensors(sample)
    }

    private static func redis(_ sample: PipelineSample) -> [MeasuredFamily] {
        [
            gauge(
                "ids_redis_memory_used_bytes", "Memory that Redis uses for data.", sample.redis.number("used_memory")),
            gauge(
                "ids_redis_memory_max_bytes", "Memory that Redis may use, `maxmemory`; 0 without a bound.",
                sample.redis.number("maxmemory")),
            gauge("ids_redis_clients", "Connections to Redis.", sample.redis.number("connected_clients")),
            gauge(
                "ids_redis_append_only_file_bytes", "Size of Redis' append-only file.",
                sample.redis.number("aof_current_size")),
            gauge(
                "ids_backpressure_level",
                """
                Where the pipeline is held back: 0 nowhere, 1 the transformer waits for the shippers, 2 the reader waits \
                for Redis and the file grows, 3 that, with the RAM disk over 90 % full.
                """, Int64(sample.backpressure.rawValue)),
        ]
    }

    private static func streams(_ sample: PipelineSample) -> [MeasuredFamily] {
        var entries = MeasuredFamily.gauge("ids_stream_entries", help: "Batches in the stream, or dead letters.")
        var memory = MeasuredFamily.gauge("ids_stream_memory_bytes", help: "Memory that the stream takes in Redis.")
        var budget = MeasuredFamily.gauge(
            "ids_stream_budget_bytes", help: "Memory that the stream may take before nothing more is put in.")
        for stream in sample.streams {
            let labels = [("stream", stream.name.rawValue)]
            entries.add(Double(stream.entries), labels: labels)
            memory.add(Double(stream.memoryBytes), labels: labels)
            budget.add(Double(stream.budgetBytes), labels: labels)
        }
        return [entries, memory, budget]
    }

    private static func groups(_ sample: PipelineSample) -> [MeasuredFamily] {
        var entries = MeasuredFamily.gauge(
            "ids_group_lag_entries", help: "Batches that the group has not acknowledged: not taken, or pending.")
        var events = MeasuredFamily.gauge(
            "ids_group_lag_events", help: "Events in the batches that the group has not acknowledged.")
        var seconds = MeasuredFamily.gauge(
            "ids_group_lag_seconds",
            help: "For how long the oldest batch that the group has not acknowledged has been in the stream.")
        var oldest = MeasuredFamily.gauge(
            "ids_group_oldest_event_timestamp_seconds",
            help: "Time of the first event in the oldest batch that the group has not acknowledged.")
        var pending = MeasuredFamily.gauge(
            "ids_group_pending_entries", help: "Batches that a consumer of the group has taken and not acknowledged.")
        var consumers = MeasuredFamily.gauge("ids_group_consumers", help: "Consumers that the group knows.")
        for stream in sample.streams {
            for group in stream.groups {
                let labels = [("stream", stream.name.rawValue), ("group", group.name)]
                entries.add(Double(group.waiting), labels: labels)
                events.add(group.waitingEvents.map(Double.init), labels: labels)
                seconds.add(group.oldestAgeSeconds, labels: labels)
                oldest.add(group.oldestEventTime.map { Double($0) / 1e9 }, labels: labels)
                pending.add(Double(group.pending), labels: labels)
                consumers.add(Double(group.consumers), labels: labels)
            }
        }
        return [entries, events, seconds, oldest, pending, consumers]
    }

    private static func totals(_ sample: PipelineSample) -> [MeasuredFamily] {
        var stored = MeasuredFamily.counter(
            "ids_events_stored_total", help: "Events that a store has, new or from before.")
        var rejected = MeasuredFamily.counter(
            "ids_events_rejected_total", help: "Events that a stage has put into the dead letters.")
        var latency = MeasuredFamily.histogram(
            "ids_end_to_end_latency_seconds",
            help: "Time from reading an event's batch to its acknowledgement by the store.")
        var canaries = MeasuredFamily.counter(
            "ids_canaries_total", help: "Canaries, events of our own, that have passed a stage.")
        var canarySeconds = MeasuredFamily.counter(
            "ids_canary_seconds_total", help: "Time that these took from their making until they had passed it.")
        for stage in Stage.ofEvents {
            let totals = sample.totals[stage] ?? [:]
            canaries.add(totals[.canaries].map(Double.init), labels: [("stage", stage)])
            canarySeconds.add(totals[.canaryMilliseconds].map { Double($0) / 1_000 }, labels: [("stage", stage)])
            rejected.add(Double(totals[.rejected] ?? 0), labels: [("stage", stage)])
            guard let count = totals[.stored] else { continue }
            stored.add(Double(count), labels: [("group", stage)])
            let buckets = LatencyBuckets.boundsMilliseconds.map { bound in
                (Double(bound) / 1_000, Double(totals[LatencyBuckets.counter(boundMilliseconds: bound)] ?? 0))
            }
            latency.add(
                buckets: buckets, above: Double(totals[LatencyBuckets.overflow] ?? 0),
                sum: Double(totals[LatencyBuckets.sum] ?? 0) / 1_000, labels: [("group", stage)])
        }
        let (reader, dead) = (sample.totals[Stage.eveReader], sample.totals[Stage.deadLetters])
        var lost = MeasuredFamily.counter(
            "ids_events_lost_bytes_total", help: "Bytes of Suricata's files that were gone before they could be read.")
        for (cause, counter) in [("removal", StageCounter.lostBytes), ("reboot", .unreadAtRebootBytes)] {
            lost.add(Double(reader?[counter] ?? 0), labels: [("cause", cause)])
        }
        return [
            counter("ids_events_read_total", "Events that were read and put into Redis.", reader?[.events] ?? 0),
            counter("ids_events_read_bytes_total", "Bytes of the events that were read.", reader?[.bytes] ?? 0),
            lost,
            counter(
                "ids_events_mapped_total", "Events that were made documents.",
                sample.totals[Stage.ecsTransformer]?[.events] ?? 0),
            stored, rejected, latency, canaries, canarySeconds,
            counter("ids_dead_letters_total", "Dead letters that were written.", dead?[.written] ?? 0),
            counter(
                "ids_dead_letters_trimmed_total", "Dead letters that were removed for want of room.",
                dead?[.trimmed] ?? 0),
            counter(
                "ids_dead_letters_replayed_total",
                "Dead letters that were put back into the stream that they came from.",
                dead?[.replayed] ?? 0),
            counter(
                "ids_dead_letters_deleted_total", "Dead letters that a person has deleted.", dead?[.deleted] ?? 0),
            counter(
                "ids_dead_letters_lost_total", "Dead letters that were lost, because their stream took none.",
                dead?[.lost] ?? 0),
        ]
    }

    private static func sensors(_ sample: PipelineSample) -> [MeasuredFamily] {
        func family(
            _ name: String, _ help: String, _ member: SensorReportMember, onlyFresh: Bool = true
        ) -> MeasuredFamily {
            var family = MeasuredFamily.gauge("ids_" + name, help: help)
            for sensor in sample.sensors where sensor.isFresh || !onlyFresh {
                guard let value = sensor.numbers[member], value > 0 || onlyFresh else { continue }
                family.add(Double(value) / (member.isTime ? 1e9 : 1), labels: [("sensor", sensor.name)])
            }
            return family
        }
        var stores = MeasuredFamily.gauge(
            "ids_store_size_bytes", help: "Size of the local store's file, with its write-ahead log.")
        for (name, bytes) in sample.storeBytes { stores.add(Double(bytes), labels: [("store", name)]) }
        var leftOut = MeasuredFamily.gauge(
            "ids_redis_fields_left_out", help: "Fields of a hash in Redis that are too long or too many to be read.")
        for (hash, count) in sample.fieldsLeftOut { leftOut.add(Double(count), labels: [("hash", hash)]) }
        return [
            gauge(
                "ids_sensors_summed", "Sensors that are shown together as `other`, because there are too many.",
                Int64(max(sample.reportsSummed, sample.suricataSensorsSummed))),
            leftOut,
            family(
                "last_event_timestamp_seconds", "Time of the newest event that was read.", .lastEvent,
                onlyFresh: false),
            family(
                "last_read_timestamp_seconds", "When an event was read last.", .lastRead, onlyFresh: false),
            family(
                "sensor_report_timestamp_seconds", "When the sensor's reader last said how it is.", .time,
                onlyFresh: false),
            family("unread_bytes", "Bytes in Suricata's files that have not been read.", .unreadBytes),
            family("ram_disk_size_bytes", "Size of the file system that Suricata writes to.", .diskBytes),
            family(
                "ram_disk_used_bytes", "What is taken of the file system that Suricata writes to.", .diskUsedBytes),
            family("ram_disk_inodes", "How many files that file system can hold; 0 without a bound.", .inodes),
            family("ram_disk_inodes_used", "How many files that file system holds.", .inodesUsed),
            stores,
        ]
    }

    private static func gauge(_ name: String, _ help: String, _ value: Int64?) -> MeasuredFamily {
        var family = MeasuredFamily.gauge(name, help: help)
        family.add(value.map(Double.init))
        return family
    }

    private static func counter(_ name: String, _ help: String, _ value: Int64?) -> MeasuredFamily {
        var family = MeasuredFamily.counter(name, help: help)
        family.add(value.map(Double.init))
        return family
    }
}
