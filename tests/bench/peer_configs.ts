/** How the servers that are compared with fstream are configured: nothing on that the load does not use. */

/** File descriptors that each server may have: 10,000 watchers and what a storm brings besides. */
export const MOST_FILES = 30_000;

/**
 * Icecast with Debian's own burst; ports, folders, passwords and the number of clients are ours, and its
 * queue is as large as fstream's backlog. A source may be silent for a minute, since it is until all
 * watchers are connected.
 */
export function icecastConfig(folder: string, port: number): string {
  return `<icecast><limits><clients>20000</clients><sources>300</sources>
<queue-size>8388608</queue-size><client-timeout>60</client-timeout>
<header-timeout>15</header-timeout><source-timeout>60</source-timeout>
<burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size></limits>
<authentication><source-password>123</source-password><relay-password>123</relay-password>
<admin-user>admin</admin-user><admin-password>${crypto.randomUUID()}</admin-password>
</authentication><hostname>127.0.0.1</hostname>
<listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>${folder}</basedir><logdir>${folder}</logdir>
<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>1</loglevel>
</logging><security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group>
</changeowner></security></icecast>`;
}

/**
 * nginx-rtmp as one process, as all the others are; a chunk of the load fits into one of its chunks, all
 * else is its default.
 */
export function nginxConfig(
  folder: string,
  port: number,
  modules: string,
): string {
  return `daemon off; master_process off;
pid ${folder}/nginx.pid; error_log ${folder}/nginx.log error;
load_module ${modules}/ngx_rtmp_module.so;
worker_rlimit_nofile ${MOST_FILES};
events { worker_connections ${MOST_FILES}; }
rtmp { server { listen 127.0.0.1:${port}; chunk_size 65536; access_log off;
application live { live on; } } }`;
}

/** nginx as one process that puts TLS before another server; all else is its default. */
export function nginxTlsConfig(
  folder: string,
  ports: { readonly listen: number; readonly pass: number },
  modules: string,
  identity: { readonly cert: string; readonly key: string },
): string {
  return `daemon off; master_process off;
pid ${folder}/nginx_tls.pid; error_log ${folder}/nginx_tls.log error;
load_module ${modules}/ngx_stream_module.so;
worker_rlimit_nofile ${MOST_FILES};
events { worker_connections ${MOST_FILES}; }
stream { server { listen 127.0.0.1:${ports.listen} ssl;
ssl_certificate ${identity.cert}; ssl_certificate_key ${identity.key};
proxy_pass 127.0.0.1:${ports.pass}; } }`;
}

/** Node-Media-Server without its console; all else is its default. */
export function nodeMediaServerConfig(
  folder: string,
  port: number,
  httpPort: number,
): string {
  return JSON.stringify({
    bind: "127.0.0.1",
    rtmp: { port },
    http: { port: httpPort },
    store: { path: `${folder}/node-media-server` },
    webadmin: { enable: false },
  });
}
