import Configuration
import Foundation
import Glibc
import HTTPServer
import Lifecycle
import Metrics
import Testing

@testable import ServiceHost

@Suite struct ServiceHostTests {
    @Test func servesHealthAndMetricsUntilItIsStopped() throws {
        let probe = try ProbeProcess([])
        #expect(probe.waitForLine(with: "started"))
        #expect(check(probe, "/healthz") == (true, #"{"healthy":true}"#))
        #expect(check(probe, "/readyz") == (true, #"{"ready":true,"parts":{"work":{"ready":true}}}"#))
        let metrics = try HealthCheck(bind: "127.0.0.1", port: probe.port, path: "/metrics").answer()
        #expect(metrics.status == 200)
        for line in [
            "# TYPE ids_service_host_probe_events_total counter\nids_service_host_probe_events_total 7\n",
            "ids_service_host_probe_ready 1\n", "ids_service_host_probe_log_lines_dropped_total 0\n",
            "ids_build_info{service=\"service-host-probe\",version=\"\(suiteVersion)\"} 1\n",
            "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 0", "process_open_fds ",
            "process_resident_memory_bytes ", "process_start_time_seconds 1",
        ] {
            #expect(metrics.body.contains(line), "\(line)")
        }
        // Which key comes from where, and none of the values.
        let settings = try HealthCheck(bind: "127.0.0.1", port: probe.port, path: "/settings").answer()
        #expect(settings.body.hasPrefix(#"{"started":"20"#))
        for part in [
            #""file":null"#, #""redis.prefix":"default""#,
            #""eve_reader.http_port":"environment EVE_READER_HTTP_PORT""#,
        ] {
            #expect(settings.body.contains(part), "\(part)")
        }

        probe.signal(SIGTERM)
        let (status, _, errors) = probe.result()
        #expect(status == 0)
        let messages = errors.split(separator: "\n").map {
            $0.split(separator: " ").dropFirst(3).joined(separator: " ")
        }
        #expect(messages == ["stopping signal=SIGTERM", "handed over", "stopped"])
    }

    @Test func stopsOnAnInterruptToo() throws {
        let probe = try ProbeProcess([])
        #expect(probe.waitForLine(with: "started"))
        probe.signal(SIGINT)
        #expect(probe.result().status == 0)
    }

    @Test func aServiceThatIsDoneEndsTheProcess() throws {
        #expect(try ProbeProcess(["--set", "redis.prefix=finish"]).result().status == 0)
    }

    @Test func aFaultIsStatusOne() throws {
        let (status, _, errors) = try ProbeProcess(["--set", "redis.prefix=fail", "--set", "log.format=json"]).result()
        #expect(status == 1)
        #expect(errors.contains(#""message":"ended by a fault","reason":"the probe was told to fail"}"#))
    }

    @Test func aServiceThatDoesNotStopIsEndedInTime() throws {
        let probe = try ProbeProcess(["--set", "redis.prefix=ignoreStop"])
        #expect(probe.waitForLine(with: "started"))
        let start = MonotonicClock.nanoseconds()
        probe.signal(SIGTERM)
        let (status, _, errors) = probe.result()
        #expect(status == 1)
        #expect(errors.contains("ERROR   service-host-probe ended by force: the service did not stop in time"))
        let seconds = Double(MonotonicClock.nanoseconds() - start) / 1e9
        #expect(seconds >= 10)
    }

    @Test func aSecondInterruptEndsAtOnce() throws {
        let probe = try ProbeProcess(["--set", "redis.prefix=ignoreStop"])
        #expect(probe.waitForLine(with: "started"))
        let start = MonotonicClock.nanoseconds()
        probe.signal(SIGINT)
        #expect(probe.waitForLine(with: "stopping"))
        probe.signal(SIGINT)
        #expect(probe.result().status == 130)
        #expect(MonotonicClock.nanoseconds() - start < 9_000_000_000)
    }

    @Test func aBrokenPipeIsAnErrorAndNotTheEnd() throws {
        let (status, _, errors) = try ProbeProcess(["--set", "redis.prefix=writeToClosedPipe"]).result()
        #expect(status == 0)
        #expect(errors.contains("wrote count=-1 is_broken_pipe=true"))
    }

    @Test func aPortInUseIsToldWithItsKey() throws {
        let server = try HTTPServer([.tcp(bind: "127.0.0.1", port: 0)], router: Router())
        let (status, _, errors) = try ProbeProcess([], port: server.port).result()
        #expect(status == 1)
        #expect(
            errors.contains(
                """
                cannot serve metrics and health: port \(server.port) on 127.0.0.1 is in use; \
                free the port, or set another one port_key=eve_reader.http_port
                """))
        withExtendedLifetime(server) {}
    }

    @Test func whatAServiceServesBesideHealthLivesAsLongAsTheService() throws {
        let page = try FreePort().number
        let probe = try ProbeProcess(["--set", "redis.prefix=servePage", "--set", "redis.port=\(page)"])
        #expect(probe.waitForLine(with: "started"))
        #expect(try HealthCheck(bind: "127.0.0.1", port: page, path: "/").answer() == (200, "the page"))
        #expect(check(probe, "/healthz").0)
        probe.signal(SIGTERM)
        #expect(probe.result().status == 0)
        #expect(throws: HealthCheck.NoAnswerError.self) {
            try HealthCheck(bind: "127.0.0.1", port: page, path: "/").answer()
        }
    }

    @Test func whatCannotBeServedIsToldWithItsKey() throws {
        let server = try HTTPServer([.tcp(bind: "127.0.0.1", port: 0)], router: Router())
        let (status, _, errors) = try ProbeProcess([
            "--set", "redis.prefix=servePage", "--set", "redis.port=\(server.port)",
        ]).result()
        #expect(status == 1)
        #expect(
            errors.contains(
                """
                cannot serve the page: port \(server.port) on 127.0.0.1 is in use; \
                free the port, or set another one port_key=redis.port
                """))
        #expect(!errors.contains("started"))
        withExtendedLifetime(server) {}
    }

    @Test func healthcheckAsksTheRunningService() throws {
        let probe = try ProbeProcess([])
        #expect(probe.waitForLine(with: "started"))
        let alive = try ProbeProcess(["healthcheck"], port: probe.port).result()
        #expect((alive.status, alive.output) == (0, "{\"healthy\":true}\n"))
        let ready = try ProbeProcess(["healthcheck", "--ready"], port: probe.port).result()
        #expect((ready.status, ready.output) == (0, "{\"ready\":true,\"parts\":{\"work\":{\"ready\":true}}}\n"))

        let idle = try ProbeProcess(["--set", "redis.prefix=ignoreStop"])
        #expect(idle.waitForLine(with: "started"))
        let notReady = try ProbeProcess(["healthcheck", "--ready"], port: idle.port).result()
        #expect(notReady.status == 1)
        #expect(
            notReady.output
                == """
                {"ready":false,"parts":{"work":{"ready":false,"reason":"the probe does not work"}}}

                """)
    }

    @Test func healthcheckTellsThatNothingRuns() throws {
        let (status, output, _) = try ProbeProcess(["healthcheck"]).result()
        #expect(status == 1)
        #expect(output.contains("Connection refused"))
    }

    private func check(_ probe: ProbeProcess, _ path: String) -> (Bool, String) {
        HealthCheck(bind: "127.0.0.1", port: probe.port, path: path).run()
    }
}

@Suite struct HealthEndpointTests {
    private let heartbeat = Heartbeat()
    private let readiness = Readiness()

    private var readinessAnswer: ServerResponse {
        HealthEndpoints(
            heartbeat: heartbeat, readiness: readiness,
            origins: SettingOrigins(ConfigurationReader(ConfigurationSources(), sections: [])), registries: []
        ).ready()
    }

    @Test func isNotReadyBeforeThePartsAreKnown() {
        let response = readinessAnswer
        #expect(response.status == 503)
        #expect(String(decoding: response.body, as: UTF8.self) == "{\"ready\":false,\"parts\":{}}\n")
    }

    @Test func reasonsAreJSON() throws {
        readiness.set("redis \"a\"", ready: false, reason: "line\nbreak \\ \u{1B}")
        let response = readinessAnswer
        #expect(response.fields["content-type"] == "application/json")
        let object = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        let parts = object?["parts"] as? [String: [String: Any]]
        #expect(parts?["redis \"a\""]?["reason"] as? String == "line\nbreak \\ \u{1B}")
    }
}
