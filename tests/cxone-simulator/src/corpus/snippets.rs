//! Blocks of code, the same in every language.

/// HTML, markup characters escaped.
pub(super) const SNIPPETS: [&str; 6] = [
    "<pre><code class=\"language-bash\">ping -c 4 192.0.2.1\ntraceroute help.example.com\nif [ $? -ne 0 ]; then echo \"no route\" &gt;&amp;2; fi\n</code></pre>\n",
    "<pre><code class=\"language-json\">{\n  \"device\": {\"name\": \"living-room\", \"dhcp\": true},\n  \"retry\": {\"most\": 5, \"wait_ms\": [200, 400, 800]}\n}\n</code></pre>\n",
    "<pre><code class=\"language-bash\">curl -s -H \"Authorization: Bearer $TOKEN\" \\\n  \"https://api.example.com/v1/orders?limit=100&amp;offset=200\" | jq '.orders[].id'\n</code></pre>\n",
    "<pre><code class=\"language-python\">for page in pages(limit=100):\n    for entry in page:\n        if entry[\"size\"] &lt; 1024 and not entry[\"hidden\"]:\n            print(entry[\"id\"])\n</code></pre>\n",
    "<pre>\n[network]\nssid    = guest\nchannel = auto    # 1 &lt;= channel &lt;= 13\nexpires = 24h\n</pre>\n",
    "<pre><samp>12:04:09 link up   1000 Mbit/s\n12:04:11 dhcp      address 198.51.100.23\n12:09:40 link down (cable &amp; socket?)\n</samp></pre>\n",
];
