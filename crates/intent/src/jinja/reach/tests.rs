use super::*;

fn internal(template: &str) -> bool {
    reaches(template)
        .iter()
        .any(|reach| matches!(reach, Reach::Internal { .. }))
}

#[test]
fn the_template_is_searched_once_for_each_name() {
    let harmless = "{{ x.__class__ }}".repeat(2000);
    let template = format!("{}{harmless}", "x".repeat(1 << 20));
    let mut walk = Walk::of(&template);
    walk.run();
    assert_eq!(walk.hidden.len(), 1);
    assert_eq!(walk.found.len(), 1);
}

#[test]
fn however_a_name_is_spelled_it_is_read() {
    for template in [
        "{{ x.__class__.__mro__ }}",
        "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
        "{{ ''|attr('__cl'~'ass__') }}",
        "{{ ()|attr(['_'*2,'class','_'*2]|join) }}",
        "{{ x|attr('%s%s%s'|format('__glo','bals','__')) }}",
        "{{ x|attr('%c%cglobals__' % (95, 95)) }}",
        "{{ x|attr('__slabolg__'[::-1]) }}",
        "{{ x['__glo' 'bals__'] }}",
        "{{ x['__slabolg__'[::-1]] }}",
        "{% set a = '__glo' %}{% set b = a + 'bals__' %}{{ x[b] }}",
        "{{ x|map(attribute='__globals__')|list }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(x) }}",
        "{{ x|attr('{}{}'.format('__glo', 'bals__')) }}",
        "{{ self._TemplateReference__context }}",
        "{{ __import__('os') }}",
        "{% if x.__init__.__globals__ %}{% endif %}",
        "{% for c in [].__class__.__base__.__subclasses__() %}{% endfor %}",
        "{{ x|attr('GLOBALS'|lower|replace('globals', '__globals__')) }}",
        "{% for k in ['__class__', '__mro__'] %}{{ x[k] }}{% endfor %}",
        "{% macro m(o, k) %}{{ o[k] }}{% endmacro %}{{ m(x, '__globals__') }}",
        "{% set d = {'a': '__globals__'} %}{{ x[d.a] }}",
        "{% set a, b = '__glo', 'bals__' %}{{ x[a ~ b] }}",
        "{% set ns = namespace(a='__glo') %}{% set ns.b = 'bals__' %}{{ x[ns.a ~ ns.b] }}",
        "{{ x[dict(__glo=1, bals__=2)|join] }}",
        "{{ getattr('', '__class__') }}",
        "{{ ('{0.__cla' ~ 'ss__}').format(x) }}",
        "{{ open('/etc/passwd').read() }}",
        "{% import 'os' as o %}{{ o.system('id') }}",
        "{% from 'subprocess' import run %}",
        "{% set m = 'o' ~ 's' %}{% import m as o %}",
        "{{ x.y.popen('id').read() }}",
        "{{ request.application }}",
        "{{ url_for.a }}",
        "{% filter attr('__globals__') %}{% endfilter %}",
    ] {
        assert!(internal(template), "{template}: {:?}", reaches(template));
    }
}

#[test]
fn what_templates_do_every_day_reaches_nothing() {
    for template in [
        "{% for m in messages %}{{ m['role'] + m.content | trim }}{% endfor %}",
        "{{ messages[0]['content'][1:] ~ tools | tojson(indent=4) }}",
        "{% set ns = namespace(found=false) %}{% set ns.found = true %}",
        "{{ messages|selectattr('role', 'equalto', 'user')|list }}",
        "{# {{ x.__globals__ }} #}the __init__ of a class",
        "{{ 'call __init__ first' }}",
        "{{ '{}: {}'.format(m.role, m.content) }}",
        "{{ raise_exception('After the optional system message') }}",
        "{% include 'part.jinja' %}",
        "{{ m.name.split('__')[0] ~ '<__media__>' ~ m['class'] }}",
        "{{ tools['base' ~ '_' ~ name] }}",
        "{% import 'os.jinja' as parts %}{{ message.system }}{{ range(10) }}{{ '-' * 40 }}",
        "{{ request.messages }}",
    ] {
        assert_eq!(reaches(template), [], "{template}");
    }
}

#[test]
fn the_class_alone_is_told_apart_and_so_is_a_name_nobody_knows() {
    assert_eq!(
        reaches("{{ m.content.__class__.__name__ }}"),
        [
            Reach::Class {
                name: "__class__".into()
            },
            Reach::Class {
                name: "__name__".into()
            }
        ]
    );
    for template in [
        "{{ x|attr(y) }}",
        "{% set u = (()|select|string|list)[24] %}{{ x[u ~ u ~ 'globals' ~ u ~ u] }}",
        "{{ x[('__ssalc__'.split()|first)[::-1]] }}",
    ] {
        assert!(reaches(template).contains(&Reach::Computed), "{template}");
    }
}

#[test]
fn work_without_end_is_told() {
    for template in [
        "{% for i in range(999999999) %}x{% endfor %}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(0, 100000 * 100000) %}x{% endfor %}",
        "{{ 'x' * 1000000000 }}",
    ] {
        assert!(
            matches!(&*reaches(template), [Reach::Endless { .. }]),
            "{template}"
        );
    }
}

#[test]
fn what_is_nested_too_deep_is_still_seen() {
    for depth in [10, 15, 16, 17, 40, 1000] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        let plain = format!("{{{{ {open}x.__globals__{close} }}}}");
        assert!(internal(&plain), "{depth}");
        let filtered = format!("{{{{ {open}x|attr('__globals__'){close} }}}}");
        assert_ne!(reaches(&filtered), [], "{depth}");
        let behind = format!("{{{{ x{}|attr('__globals__') }}}}", ".a".repeat(depth));
        assert_ne!(reaches(&behind), [], "{depth}");
    }
}

#[test]
fn nesting_and_length_have_bounds() {
    reaches(&format!("{{{{ {} }}}}", "(".repeat(100_000)));
    reaches(&format!("{{{{ {} }}}}", "x|attr(".repeat(20_000)));
    reaches(&format!("{{{{ x{} }}}}", ".a".repeat(100_000)));
    reaches(&"{% set a = a + a %}".repeat(5000));
    reaches(&"{{".repeat(50_000));
}
